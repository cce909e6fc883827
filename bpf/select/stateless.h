/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flows that need not be remembered, as the slot table says whose they are: TCP to a
 * service by maglev or source, whose backends answer past us.
 *
 * A steady table names the owner of each hash, and as long as owners stay, so do flows.
 * Where a slot changes its owner, before[] keeps the one it had: for a while (transition_until)
 * packets of such slots ask the flow memory. What it knows goes where it went; a SYN begins
 * a flow with the new owner, and is remembered; what else is unknown began before the
 * change, goes to the owner before, and is remembered from there on. Slots that change again
 * meanwhile keep the owner that they had at first: all that began since is remembered.
 *
 * The while ends when for the service's idle time no packet has come that was for another
 * backend than its slot's owner: whoever is still there has the owner, or is idle. So a
 * connection outlives any number of changes, as it would in memory.
 *
 * A service that was not steady has its flows in memory: then all slots ask, with nobody but
 * the owner before. One that is steady no more leaves its owners in before[], whatever picks
 * slots now, and in whichever way its flows reached them (user/model/stateless.c).
 *
 * UDP has no SYN by which what is new can be told from what is old: it is remembered.
 */
#ifndef BPF_SELECT_STATELESS_H
#define BPF_SELECT_STATELESS_H

#include "core/maps.h"
#include "flow/client_table.h"
#include "observe/explain.h"

#define SLOT_SHIFT 18 /* of a hash of 32 bits */
#define PREVIOUS_FORWARD_SHIFT \
	20 /* in a word of previous_owner(), above the id: enum lb_forward + 1 */

_Static_assert(1ULL << (32 - SLOT_SHIFT) == LB_SLOTS, "a hash names a slot");

static __always_inline const struct lb_slots *table_of(const struct lb_service *service)
{
	return map_get(&slots, service->slots);
}

static __always_inline __u32 slot_of(__u32 pick, const struct select_key *select_key)
{
	__u32 hash = pick == LB_PICK_SOURCE_HASH ? lb_source_hash(select_key->address, seed())
						 : select_key->flow;

	return hash >> SLOT_SHIFT;
}

/* A copy of its own for each table: the next one's must not wake what the last one has. */
static __always_inline __u32 *transition_until(struct lb_service *service,
					       const struct lb_slots *table)
{
	return &service->transition_until[table->copy & 1];
}

/* Have slots an owner before? */
static __always_inline bool is_in_transition(struct lb_service *service,
					     const struct lb_slots *table, __u32 now)
{
	return table->previous_pick &&
	       (__s32)(*(volatile __u32 *)transition_until(service, table) - now) > 0;
}

/* Whose a flow is, remembered or not; 0: the memory is to be asked. */
static __always_inline __u32 slot_owner(struct lb_service *service, const struct lb_slots *table,
					const struct select_key *select_key)
{
	__u32 slot;

	if (!table->stateless)
		return 0;
	slot = slot_of(table->pick, select_key);
	if (is_in_transition(service, table, select_key->now) &&
	    (table->previous_pick != table->pick || table->previous[slot]))
		return 0;
	explain_slot(slot, true);
	return table->backend[slot];
}

/*
 * Who has the flow if it began before its slot changed: his id, and above it how it reached
 * him. 0: nobody, or the slot has not changed. A function of its own, seldom called.
 */
__noinline __u32 previous_owner(__u32 service_id, const struct select_key *select_key)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? table_of(service) : NULL;
	struct lb_backend *backend;
	__u32 id;

	if (!select_key || !table || !is_in_transition(service, table, select_key->now))
		return 0;
	id = table->previous[slot_of(table->previous_pick, select_key)];
	backend = id ? backend_get(id) : NULL;
	if (!backend || backend->service != service_id)
		return 0;
	return id | (table->previous_forward + 1) << PREVIOUS_FORWARD_SHIFT;
}

/* The same, unless he may have it no more. */
static __always_inline __u32 previous_owner_usable(__u32 service_id,
						   const struct select_key *select_key)
{
	__u32 owner = previous_owner(service_id, select_key);
	struct lb_backend *backend = backend_get(owner & 0xffff);

	return backend && !(*(volatile __u32 *)&backend->flags & LB_BACKEND_MAINT) ? owner : 0;
}

#endif
