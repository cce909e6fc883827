/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flows that need not be remembered, as the slot table says whose they are: TCP to a
 * service by maglev or source, whose backends answer past us.
 *
 * A steady table names the owner of each hash, and as long as owners stay, so do flows.
 * Where a slot changes its owner, before[] keeps the one it had: for a while (asks_until)
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

#define SLOT_SHIFT   18 /* of a hash of 32 bits */
#define FORWARD_SAID 20 /* in a word of owner_before(), above the id: enum lb_forward + 1 */

_Static_assert(1ULL << (32 - SLOT_SHIFT) == LB_SLOTS, "a hash names a slot");

static __always_inline const struct lb_slots *table_of(const struct lb_service *service)
{
	return map_get(&slots, service->slots);
}

static __always_inline __u32 slot_of(__u32 pick, const struct asker *asker)
{
	__u32 hash = pick == LB_PICK_SOURCE ? lb_source_hash(asker->address, seed()) : asker->flow;

	return hash >> SLOT_SHIFT;
}

/* A copy of its own for each table: the next one's must not wake what the last one has. */
static __always_inline __u32 *asks_until(struct lb_service *service, const struct lb_slots *table)
{
	return &service->asks_until[table->copy & 1];
}

/* Have slots an owner before? */
static __always_inline bool is_unsettled(struct lb_service *service, const struct lb_slots *table,
					 __u32 now)
{
	return table->before_pick &&
	       (__s32)(*(volatile __u32 *)asks_until(service, table) - now) > 0;
}

/* Whose a flow is, remembered or not; 0: the memory is to be asked. */
static __always_inline __u32 steady_owner(struct lb_service *service, const struct lb_slots *table,
					  const struct asker *asker)
{
	__u32 slot;

	if (!table->steady)
		return 0;
	slot = slot_of(table->pick, asker);
	if (is_unsettled(service, table, asker->now) &&
	    (table->before_pick != table->pick || table->before[slot]))
		return 0;
	explain_slot(slot, true);
	return table->backend[slot];
}

/*
 * Who has the flow if it began before its slot changed: his id, and above it how it reached
 * him. 0: nobody, or the slot has not changed. A function of its own, seldom called.
 */
__noinline __u32 owner_before(__u32 service_id, const struct asker *asker)
{
	struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? table_of(service) : NULL;
	struct lb_backend *backend;
	__u32 id;

	if (!asker || !table || !is_unsettled(service, table, asker->now))
		return 0;
	id = table->before[slot_of(table->before_pick, asker)];
	backend = id ? backend_get(id) : NULL;
	if (!backend || backend->service != service_id)
		return 0;
	return id | (table->before_forward + 1) << FORWARD_SAID;
}

/* The same, unless he may have it no more. */
static __always_inline __u32 stays_with(__u32 service_id, const struct asker *asker)
{
	__u32 word = owner_before(service_id, asker);
	struct lb_backend *backend = backend_get(word & 0xffff);

	return backend && !(*(volatile __u32 *)&backend->flags & LB_BACKEND_MAINT) ? word : 0;
}

#endif
