/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stateless services (select/stateless.h), slow path: uncommon packets, and packets of slots in
 * transition, before the flow table is searched.
 */
#ifndef BPF_PATH_STATELESS_SLOW_H
#define BPF_PATH_STATELESS_SLOW_H

#include "core/action.h"
#include "flow/flow_table.h"
#include "forward/tcp_reset.h"
#include "packet/packet.h"
#include "select/select.h"
#include "select/stateless.h"

/* Extends the transition for a live flow if its backend is not its slot's owner. */
static __always_inline void extend_transition(struct lb_service *service,
					      const struct lb_slots *table,
					      const struct select_key *select_key, __u64 data)
{
	__u32 id = lb_flow_backend(data);
	struct lb_backend *backend = backend_get(id);
	__u32 until;

	if (!table->stateless || !backend || !lb_flow_alive(data, select_key->now) ||
	    (id == table->backend[stateless_slot(table->pick, select_key)] &&
	     lb_flow_forward(data) == table->forward))
		return;
	until = select_key->now + lb_flow_lease(backend->idle_established);
	if ((__s32)(until - *(volatile __u32 *)transition_until(service, table)) > 0)
		*(volatile __u32 *)transition_until(service, table) = until;
}

/*
 * The action for an untracked packet that does not begin a flow. Its flow may belong to the
 * previous owner of the slot; then it must not get a SNAT port (ACTION_SKIP_SNAT).
 */
static __always_inline struct action previous_owner_action(const struct packet *packet,
							   __u32 service_id,
							   const struct select_key *select_key)
{
	struct action owner = {previous_owner(service_id, select_key)};
	struct lb_backend *backend = backend_get(action_id(owner));

	if (!action_is(owner, ACTION_FORWARD) || !backend)
		return action_of(ACTION_CONTINUE, 0);
	if (reset_applies(backend, packet))
		return action_of(ACTION_RESET, 0);
	return action_of(backend->flags & LB_BACKEND_MAINT ? ACTION_CONTINUE : ACTION_SKIP_SNAT, 0);
}

/*
 * Finds the flow of a request by the service's slot table. Returns ACTION_FORWARD to the slot's
 * owner, ACTION_RESET, or ACTION_CONTINUE or ACTION_SKIP_SNAT if the flow table decides. Global
 * function: verified once.
 */
__noinline __u64 stateless_action(const struct packet *packet, __u32 service_id)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? slot_table(service) : NULL;
	struct select_key select_key;
	struct flow_lookup lookup;
	struct lb_bucket *bucket;
	__u32 owner;

	if (!packet || !table)
		return action_of(ACTION_CONTINUE, 0).word;
	bucket = flow_lookup(&lookup, packet, packet->source, packet->source_port);
	select_key = select_key_of(packet, packet->source, lookup.hash);
	owner = slot_owner(service, table, &select_key);
	if (owner)
		return action_new_flow(action_forward(owner, table->forward, LB_FORWARDED),
				       request_begins_flow(packet))
			.word;
	if (!service->port)
		lookup.client = lb_flow_key_add_port(lookup.client, packet->destination_port);
	if (flow_find(&lookup, bucket, service_id)) {
		if (!table->stateless || lb_flow_left(lookup.data, packet->now) > 0) {
			extend_transition(service, table, &select_key, lookup.data);
			return action_of(ACTION_CONTINUE, 0).word;
		}
		flow_delete(&lookup, bucket); /* an untracked flow may have begun since */
	}
	if (request_begins_flow(packet))
		return action_of(ACTION_CONTINUE, 0).word;
	return previous_owner_action(packet, service_id, &select_key).word;
}

#endif
