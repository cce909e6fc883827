/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flow limits: a backend may be limited to a number of flows, and to a multiple of its share of the
 * service's flows. The latter are bounded loads (Mirrokni, Thorup, Zadimoghaddam: "Consistent
 * hashing with bounded loads", SODA 2018).
 *
 * If the selected backend has no room, the flow goes to the next one with room in the slot table,
 * from the slot of the flow's hash on. So a client's excess flows get the same backend each time.
 * If there is none, a backend beyond its share is selected, but never one that has reached its
 * number of flows. Untracked flows are neither counted nor limited.
 */
#ifndef BPF_SELECT_BOUNDED_LOAD_H
#define BPF_SELECT_BOUNDED_LOAD_H

#include "flow/flow_counts.h"
#include "select/slots.h"

#define ROOM_STEPS 8

enum room {
	ROOM_NONE,
	ROOM_OVER_SHARE, /* only beyond its share */
	ROOM_FREE,
};

/* The room of a backend. Without a lock: each CPU may exceed a limit by one flow. */
static __always_inline enum room room_at(const struct lb_service *service, __u32 id)
{
	struct lb_load *load = id ? load_get(id) : NULL;
	__s32 counted;
	__u64 count, all;

	if (!load)
		return ROOM_NONE;
	counted = *(volatile __s32 *)&load->flows;
	count = counted < 0 ? 0 : counted;
	if (load->max_flows && count >= load->max_flows)
		return ROOM_NONE;
	counted = *(volatile __s32 *)&service->flows;
	all = counted < 0 ? 1 : (__u64)counted + 1;
	if (load->bound && count << LB_BOUND_SHIFT >= all * load->bound)
		return ROOM_OVER_SHARE;
	return ROOM_FREE;
}

struct search {
	__u32 found; /* a backend with room */
	__u32 over_share; /* the first one that has room only beyond its share */
};

/* Checks a candidate. True if it has room, which ends the search. */
static __always_inline bool consider(struct search *search, const struct lb_service *service,
				     __u32 id)
{
	enum room room = room_at(service, id);

	if (room == ROOM_FREE)
		search->found = id;
	else if (room == ROOM_OVER_SHARE && !search->over_share)
		search->over_share = id;
	return room == ROOM_FREE;
}

/*
 * A backend that has room; 0 if all are full. Tries ROOM_STEPS slots, then all members if the
 * service has few, and at last the slot of another hash. Global function: verified once.
 */
__noinline __u32 find_room(__u32 service_id, __u64 hash)
{
	const struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? slot_table(service) : NULL;
	struct search search = {0};
	__u32 slot;

	if (!table || !table->length)
		return 0;
	slot = slot_by_hash(table, hash);
	for (__u32 i = 0; i < ROOM_STEPS; i++) {
		if (consider(&search, service, backend_at(table, slot)))
			return search.found;
		slot = slot + 1 < table->length ? slot + 1 : 0;
	}
	for (__u32 i = 0; i < LB_MEMBERS && i < table->members; i++)
		if (consider(&search, service, table->member[i]))
			return search.found;
	slot = slot_by_hash(table, lb_mix(hash, seed()));
	if (consider(&search, service, backend_at(table, slot)))
		return search.found;
	return search.over_share;
}

/* The backend that was selected if it has room, else another one; 0 if all are full. */
static __always_inline __u32 with_room(__u32 service_id, const struct lb_service *service, __u32 id,
				       __u64 hash)
{
	if (likely(!service->limits) || !id || room_at(service, id) == ROOM_FREE)
		return id;
	return find_room(service_id, hash);
}

#endif
