/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Has a backend room for another flow? It may be limited to so many, and to a multiple of
 * its share of all flows of its service (Mirrokni, Thorup, Zadimoghaddam: "Consistent
 * hashing with bounded loads", SODA 2018).
 *
 * Who would get a flow and has no room passes it on: to the next in the slot table with
 * room, from the slot on that the hash names, so that a client's excess goes the same way each
 * time. A backend beyond its share only is better than nobody; one with all the flows that it
 * may have gets none. Flows that are not to be remembered are not counted, nor limited.
 */
#ifndef BPF_SELECT_BOUNDED_LOAD_H
#define BPF_SELECT_BOUNDED_LOAD_H

#include "flow/flow_counts.h"

#define ROOM_STEPS    8
#define BACKENDS_FULL 0x10000U /* in place of a backend's id: there are some, and all are full */

enum room {
	ROOM_NONE,
	ROOM_OVER_SHARE, /* its share */
	ROOM_FREE,
};

/* Counts are of several processors at once: as many flows more may slip in. */
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

/* What a search has found. */
struct search {
	__u32 found;
	__u32 over_share; /* the first that has room beyond its share only */
};

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

static __always_inline __u32 slot_of_hash(const struct lb_slots *table, __u64 hash)
{
	return lb_scale(hash << 32, table->length);
}

/*
 * The backend that has room, or BACKENDS_FULL: some slots on; if there are but a few, all of
 * them; at last another one by hash. A function of its own, verified once.
 */
__noinline __u32 find_room(__u32 service_id, __u64 hash)
{
	const struct lb_service *service = service_get(service_id);
	const struct lb_slots *table = service ? map_get(&slots, service->slots) : NULL;
	struct search search = {0};
	__u32 slot, id;

	if (!table || !table->length)
		return 0;
	slot = slot_of_hash(table, hash);
	for (__u32 i = 0; i < ROOM_STEPS; i++) {
		id = table->backend[slot & (LB_SLOTS - 1)];
		if (consider(&search, service, id))
			return search.found;
		slot = slot + 1 < table->length ? slot + 1 : 0;
	}
	for (__u32 i = 0; i < LB_MEMBERS && i < table->members; i++)
		if (consider(&search, service, table->member[i]))
			return search.found;
	slot = slot_of_hash(table, lb_mix(hash, seed()));
	if (consider(&search, service, table->backend[slot & (LB_SLOTS - 1)]))
		return search.found;
	return search.over_share ? search.over_share : BACKENDS_FULL;
}

/* The backend that was chosen, if it has room, else one that has. */
static __always_inline __u32 with_room(__u32 service_id, const struct lb_service *service, __u32 id,
				       __u64 hash)
{
	if (likely(!service->limits) || !id || room_at(service, id) == ROOM_FREE)
		return id;
	return find_room(service_id, hash);
}

#endif
