/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stateless services: flows need no entry in the flow table, because the slot table determines
 * their backend. These are TCP services with scheduler maglev or source, and one-way forwarding.
 *
 * The slot table of a stateless service names the owner of each hash: a flow keeps its backend
 * while its slot keeps its owner. If a slot's owner changes, previous[] keeps the previous owner
 * for a transition (transition_until). During it, packets of that slot go through the flow table:
 *
 *   - A tracked flow stays with its backend.
 *   - A SYN begins a flow with the new owner, which is tracked.
 *   - Any other packet belongs to a flow that began before the change. It goes to the previous
 *     owner, and the flow is tracked from then on.
 *
 * A slot that changes again meanwhile keeps its first previous owner, because all flows that began
 * since are tracked. The transition ends when, for the service's idle time, no packet has come for
 * a backend other than its slot's owner. The remaining flows are with the owner, or idle. So a
 * connection survives any number of changes, as it would in the flow table.
 *
 * A service that becomes stateless has its flows in the flow table. All of its slots are then in
 * transition, without previous owners. A service that ceases to be stateless leaves its owners in
 * previous[], whatever its new scheduler and forwarding mode (user/model/stateless.c).
 *
 * UDP is always tracked: it has no SYN to distinguish a new flow from an old one.
 */
#ifndef BPF_SELECT_STATELESS_H
#define BPF_SELECT_STATELESS_H

#include "core/action.h"
#include "core/maps.h"
#include "flow/client_table.h"
#include "observe/explain.h"

#define SLOT_SHIFT 18 /* of a hash of 32 bits */

_Static_assert(1ULL << (32 - SLOT_SHIFT) == LB_SLOTS, "a hash selects a slot");

static __always_inline __u32 stateless_slot(__u32 pick, const struct select_key *select_key)
{
	__u32 hash = pick == LB_PICK_SOURCE_HASH ? lb_source_hash(select_key->address, seed())
						 : select_key->flow;

	return hash >> SLOT_SHIFT;
}

/* One for each copy of the table, because a new transition must not extend the previous one. */
static __always_inline __u32 *transition_until(struct lb_service *service,
					       const struct lb_slots *table)
{
	return &service->transition_until[table->copy & 1];
}

static __always_inline bool is_in_transition(struct lb_service *service,
					     const struct lb_slots *table, __u32 now)
{
	return table->previous_pick &&
	       (__s32)(*(volatile __u32 *)transition_until(service, table) - now) > 0;
}

/* The backend of a client's flow, tracked or not; 0 if the flow table decides. */
static __always_inline __u32 slot_owner(struct lb_service *service, const struct lb_slots *table,
					const struct select_key *select_key)
{
	__u32 slot;

	if (!table->stateless)
		return 0;
	slot = stateless_slot(table->pick, select_key);
	if (is_in_transition(service, table, select_key->now) &&
	    (table->previous_pick != table->pick || table->previous[slot]))
		return 0;
	explain_slot(slot, true);
	return table->backend[slot];
}

/*
 * The backend of a client's flow that began before its slot changed: ACTION_FORWARD with the former
 * forwarding mode, or ACTION_CONTINUE if the slot has not changed or had no owner. Global function:
 * rarely called.
 */
__noinline __u64 previous_owner(__u32 service_id, const struct select_key *select_key)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? slot_table(service) : NULL;
	struct lb_backend *backend;
	__u32 id;

	if (!select_key || !table || !is_in_transition(service, table, select_key->now))
		return action_of(ACTION_CONTINUE, 0).word;
	id = table->previous[stateless_slot(table->previous_pick, select_key)];
	backend = id ? backend_get(id) : NULL;
	if (!backend || backend->service != service_id)
		return action_of(ACTION_CONTINUE, 0).word;
	return action_forward(id, table->previous_forward, LB_FORWARDED).word;
}

/* Likewise, except that a backend in maintenance is ACTION_CONTINUE. */
static __always_inline struct action previous_owner_usable(__u32 service_id,
							   const struct select_key *select_key)
{
	struct action owner = {previous_owner(service_id, select_key)};
	struct lb_backend *backend = backend_get(action_id(owner));

	if (!backend || *(volatile __u32 *)&backend->flags & LB_BACKEND_MAINT)
		return action_of(ACTION_CONTINUE, 0);
	return owner;
}

#endif
