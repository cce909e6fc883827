/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets to steady services (bpf/select/stateless.h) that did not go the straight way: odd ones, and
 * those of slots that ask, before the flow memory is asked.
 */
#ifndef BPF_PATH_STATELESS_SLOW_H
#define BPF_PATH_STATELESS_SLOW_H

#include "flow/fragment_table.h"
#include "forward/forward.h"
#include "forward/tcp_reset.h"
#include "select/select.h"
#include "select/stateless.h"

#define ACTION_PREVIOUS_OWNER \
	(1U << 26) /* of stateless_slow(): it began before, and snat shall not have it */

/* A flow that is not its slot's owner's: as long as it speaks, slots ask. */
static __always_inline void extend_transition(struct lb_service *service,
					      const struct lb_slots *table,
					      const struct select_key *select_key, __u64 data)
{
	__u32 id = lb_flow_backend(data);
	struct lb_backend *backend = backend_get(id);
	__u32 until;

	if (!table->stateless || !backend || !lb_flow_alive(data, select_key->now) ||
	    (id == table->backend[slot_of(table->pick, select_key)] &&
	     lb_flow_forward(data) == table->forward))
		return;
	until = select_key->now + lb_flow_lease(backend->idle_established);
	if ((__s32)(until - *(volatile __u32 *)transition_until(service, table)) > 0)
		*(volatile __u32 *)transition_until(service, table) = until;
}

/* Is it of a connection of before whose backend is out of service, and to be told so? */
static __always_inline bool previous_owner_resets(const struct packet *packet, __u32 service_id,
						  const struct select_key *select_key)
{
	struct lb_backend *backend = backend_get(previous_owner(service_id, select_key) & 0xffff);

	return backend && reset_applies(backend, packet);
}

/*
 * A request of whatever kind, to a service whose table may have something to say of it: its
 * delivery, ACTION_RESET, or STAYS; 0: the flow memory's say is enough. Reads the packet again.
 */
__noinline __u32 stateless_slow(struct xdp_md *ctx, __u32 service_id)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? table_of(service) : NULL;
	struct target target = {0};
	struct lb_bucket *bucket;
	struct flow_lookup lookup;
	struct packet packet;
	struct select_key select_key;

	if (!packet_init(&packet, ctx) || !table || packet_parse(&packet))
		return 0;
	bucket = flow_lookup(&lookup, &packet, packet.source, packet.source_port);
	select_key = select_key_of(&packet, packet.source, lookup.hash);
	target.id = slot_owner(service, table, &select_key);
	target.forward = table->forward;
	if (target.id) {
		if (packet.fragment)
			fragment_record(&packet, target.id, target.forward, false);
		return forward_action(&target, LB_FORWARDED, request_begins_flow(&packet));
	}
	if (!service->port) /* on all of them */
		lookup.client = lb_flow_key_add_port(lookup.client, packet.destination_port);
	if (flow_find(&lookup, bucket, service_id)) {
		if (!table->stateless || lb_flow_left(lookup.data, packet.now) > 0) {
			extend_transition(service, table, &select_key, lookup.data);
			return 0;
		}
		flow_delete(&lookup, bucket); /* another may have begun since, untracked */
	}
	if (request_begins_flow(&packet))
		return 0;
	if (previous_owner_resets(&packet, service_id, &select_key))
		return ACTION_RESET;
	return previous_owner_usable(service_id, &select_key) ? ACTION_PREVIOUS_OWNER : 0;
}

#endif
