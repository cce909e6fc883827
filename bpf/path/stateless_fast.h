/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The straight way of plain packets to steady services (bpf/select/stateless.h): from the directory
 * to the slot's owner, past the flow memory. Their endpoints have a role of their own there,
 * so that all others' packets are not asked whether they are theirs.
 */
#ifndef BPF_PATH_STATELESS_FAST_H
#define BPF_PATH_STATELESS_FAST_H

#include "flow/flow_state.h"
#include "forward/encap_fast.h"
#include "path/request.h"
#include "select/select.h"
#include "select/stateless.h"

/* What packet_is_plain() and packet_has_plain_ports() have found, for the verifier once more. */
static __always_inline bool reparse_plain(struct packet *packet)
{
	packet->end = (void *)(long)packet->ctx->data_end;
	packet->ethernet = (void *)(long)packet->ctx->data;
	packet->network = packet->ethernet + 1;
	packet->transport =
		packet->is_ipv4 ? (void *)(packet->ipv4 + 1) : (void *)(packet->ipv6 + 1);
	if ((void *)(packet->tcp + 1) > packet->end)
		return false;
	if (packet->is_ipv4)
		read_ipv4(packet);
	else
		read_ipv6(packet);
	return true;
}

/* A known flow that goes on as it did; else nobody, and what there is to do is done elsewhere. */
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

/* Whom a packet goes to; the packet's flow is looked for in memory only if its slot asks. */
static __always_inline struct target find_target(const struct packet *packet, __u32 service_id,
						 __u32 hash)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? table_of(service) : NULL;
	struct select_key select_key = select_key_of(packet, packet->source, hash);
	__u32 id = table ? slot_owner(service, table, &select_key) : 0;

	if (!id)
		return find_tracked(packet, service_id);
	return (struct target){id, table->forward, backend_get(id)};
}

/*
 * The packet's verdict, or its delivery; ELSEWHERE and the service's id: there is more to do;
 * 0: there is no such service.
 */
static __always_inline __u32 stateless_fast(struct packet *packet)
{
	struct lb_endpoint_entry *entry;
	struct target target;
	__u64 hash;
	__u32 action;
	int verdict;

	packet->is_fast_path = true;
	if (!reparse_plain(packet))
		return 0;
	read_ports(packet);
	entry = endpoint_lookup_exact(
		packet->destination,
		packet_selector(packet, packet->destination_port, LB_ROLE_STATELESS));
	if (!entry)
		return 0;
	set_transport(packet, true);
	hash = lb_flow_hash(flow_client_key(packet, packet->source, packet->source_port), seed());
	target = find_target(packet, entry->id, hash);
	if (!target.backend || !ttl_allows(packet))
		return ACTION_TRY_NEXT | entry->id;
	action = forward_action(&target, LB_FORWARDED, request_begins_flow(packet));
	verdict = encap_fast(packet, target.backend, action, hash >> 16);
	return verdict == FAST_PATH_MISS ? action : (__u32)verdict;
}

__noinline __u32 stateless_fast4(struct xdp_md *ctx)
{
	struct packet packet = {.is_ipv4 = true};

	return packet_init(&packet, ctx) ? stateless_fast(&packet) : XDP_ABORTED;
}

__noinline __u32 stateless_fast6(struct xdp_md *ctx)
{
	struct packet packet = {.is_ipv4 = false};

	return packet_init(&packet, ctx) ? stateless_fast(&packet) : XDP_ABORTED;
}

#endif
