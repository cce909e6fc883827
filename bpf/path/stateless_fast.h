/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stateless services (select/stateless.h), fast path: common packets go from the endpoint table to
 * their slot's owner, without the flow table. The endpoints of these services have a role of their
 * own, so that the packets of all other services do not pay for them.
 */
#ifndef BPF_PATH_STATELESS_FAST_H
#define BPF_PATH_STATELESS_FAST_H

#include "core/endpoints.h"
#include "flow/flow_state.h"
#include "forward/forward_fast.h"
#include "path/request.h"
#include "select/select.h"
#include "select/stateless.h"

/* The backend of a tracked flow if the packet does not change it; else none, for the slow path. */
static __always_inline struct target find_tracked(const struct packet *packet, __u32 service)
{
	struct target target = {0};
	struct flow_lookup lookup;
	struct lb_bucket *bucket =
		flow_lookup(&lookup, packet, packet->source, packet->source_port);

	if (flow_find(&lookup, bucket, service))
		target = flow_backend(&lookup);
	if (!target.backend || !is_one_way(target.forward) ||
	    !flow_is_unchanged(&lookup, packet, target.backend))
		return (struct target){0};
	return target;
}

/* The backend of a packet: its slot's owner, or its flow's if the slot is in transition. */
static __always_inline struct target find_target(const struct packet *packet, __u32 service_id,
						 __u32 hash)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? slot_table(service) : NULL;
	struct select_key select_key = select_key_of(packet, packet->source, hash);
	__u32 id = table ? slot_owner(service, table, &select_key) : 0;
	struct lb_backend *backend = backend_get(id);

	if (!id)
		return find_tracked(packet, service_id);
	return (struct target){id, table->forward, backend};
}

/*
 * Returns ACTION_VERDICT, or the action for the slow path: ACTION_CLASSIFY if the packet is not for
 * a stateless service, ACTION_REQUEST, or ACTION_FORWARD.
 */
static __always_inline struct action stateless_fast(struct xdp_md *ctx, bool is_ipv4)
{
	struct headers headers = {.ctx = ctx};
	struct lb_cpu *cpu = this_cpu();
	struct lb_endpoint_entry *entry;
	struct packet packet = {0};
	struct egress egress = {.outcome = LB_FORWARDED};
	__u64 hash;

	/* The caller has checked that the packet is a common one, but the verifier cannot know. */
	if (!cpu || !plain_find(&headers, is_ipv4))
		return action_of(ACTION_CLASSIFY, 0);
	plain_read_addresses(&packet, &headers, is_ipv4);
	packet.now = current_tick();
	read_transport(&packet, &headers, true);
	entry = endpoint_lookup_exact(
		packet.destination,
		packet_selector(&packet, packet.destination_port, LB_ROLE_STATELESS));
	if (!entry)
		return action_of(ACTION_CLASSIFY, 0);
	hash = lb_flow_hash(flow_client_key(&packet, packet.source, packet.source_port), seed());
	egress.target = find_target(&packet, entry->id, hash);
	egress.is_new_flow = request_begins_flow(&packet);
	egress.hash = hash;
	if (!egress.target.backend || !ttl_allows(&headers))
		return action_of(ACTION_REQUEST, entry->id);
	return forward_fast(&packet, &headers, cpu, &egress);
}

/* Global functions: they leave the CPU's registers to the fast path of other services. */
__noinline __u64 stateless_fast4(struct xdp_md *ctx)
{
	return stateless_fast(ctx, true).word;
}

__noinline __u64 stateless_fast6(struct xdp_md *ctx)
{
	return stateless_fast(ctx, false).word;
}

#endif
