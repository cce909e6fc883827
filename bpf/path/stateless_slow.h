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

#define STAYS (1U << 26) /* of note_steady(): it began before, and snat shall not have it */

/* A flow that is not its slot's owner's: as long as it speaks, slots ask. */
static __always_inline void note_deviation(struct lb_service *service, const struct lb_slots *table,
					   const struct asker *asker, __u64 data)
{
	__u32 id = lb_flow_backend(data);
	struct lb_backend *backend = backend_get(id);
	__u32 until;

	if (!table->steady || !backend || !lb_flow_alive(data, asker->now) ||
	    (id == table->backend[slot_of(table->pick, asker)] &&
	     lb_flow_forward(data) == table->forward))
		return;
	until = asker->now + lb_flow_lease(backend->idle_established);
	if ((__s32)(until - *(volatile __u32 *)asks_until(service, table)) > 0)
		*(volatile __u32 *)asks_until(service, table) = until;
}

/* Is it of a connection of before whose backend is out of service, and to be told so? */
static __always_inline bool was_with_the_dead(const struct packet *packet, __u32 service_id,
					      const struct asker *asker)
{
	struct lb_backend *backend = backend_get(owner_before(service_id, asker) & 0xffff);

	return backend && is_to_be_reset(backend, packet);
}

/*
 * A request of whatever kind, to a service whose table may have something to say of it: its
 * delivery, TO_RESET, or STAYS; 0: the flow memory's say is enough. Reads the packet again.
 */
__noinline __u32 note_steady(struct xdp_md *ctx, __u32 service_id)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? table_of(service) : NULL;
	struct target target = {0};
	struct lb_bucket *bucket;
	struct flow_visit visit;
	struct packet packet;
	struct asker asker;

	if (!packet_enter(&packet, ctx) || !table || packet_parse(&packet))
		return 0;
	bucket = flow_visit(&visit, &packet, packet.source, packet.source_port);
	asker = asker_of(&packet, packet.source, visit.hash);
	target.id = steady_owner(service, table, &asker);
	target.forward = table->forward;
	if (target.id) {
		if (packet.fragment)
			fragment_note(&packet, target.id, target.forward, false);
		return delivery(&target, LB_FORWARDED, packet_begins_flow(&packet));
	}
	if (!service->port) /* on all of them */
		visit.client = lb_flow_key_at(visit.client, packet.destination_port);
	if (flow_find(&visit, bucket, service_id)) {
		if (!table->steady || lb_flow_left(visit.data, packet.now) > 0) {
			note_deviation(service, table, &asker, visit.data);
			return 0;
		}
		flow_forget(&visit, bucket); /* another may have begun since, unremembered */
	}
	if (packet_begins_flow(&packet))
		return 0;
	if (was_with_the_dead(&packet, service_id, &asker))
		return TO_RESET;
	return stays_with(service_id, &asker) ? STAYS : 0;
}

#endif
