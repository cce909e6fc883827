// SPDX-License-Identifier: GPL-2.0-only
#include "controller/nexthops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "store/event_log.h"

int hops_open(struct hops *hops)
{
	*hops = (struct hops){0};
	return neighbour_open(&hops->watch);
}

void hops_close(struct hops *hops)
{
	neighbour_close(hops->watch);
	free(hops->stale);
	*hops = (struct hops){0};
}

int hops_fd(const struct hops *hops)
{
	return neighbour_fd(hops->watch);
}

void hops_read(struct hops *hops)
{
	neighbour_read(hops->watch);
}

int hops_follow(struct hops *hops, const struct store *store)
{
	__u32 most = store->control->max_backends;
	_free_ __u64(*addresses)[2] = calloc(most, sizeof(*addresses));
	size_t count = 0;

	if (!addresses)
		return -ENOMEM;
	for (__u32 id = 1; id < most; id++)
		if (store->backend[id].service)
			memcpy(addresses[count++], store->backend[id].address, 16);
	return neighbour_follow(hops->watch, addresses, count);
}

static void note_stale(void *argument, const __u64 address[2])
{
	struct hops *hops = argument;

	if (hops->stale_count == hops->stale_room) {
		size_t room = 2 * hops->stale_room + 16;
		void *more = realloc(hops->stale, room * sizeof(*hops->stale));

		hops->all_stale |= !more;
		if (!more)
			return;
		hops->stale = more;
		hops->stale_room = room;
	}
	memcpy(hops->stale[hops->stale_count++], address, 16);
}

bool hops_turn(struct hops *hops, __u64 now_ms)
{
	neighbour_turn(hops->watch, now_ms, note_stale, hops);
	return hops->stale_count || hops->all_stale;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

/* Had packets a next hop that is not the one that the kernel says? */
static bool is_another(const struct lb_backend *record, const struct link_hop *hop)
{
	if ((record->hop_to ^ record->hop_from) & 0xffff)
		return false;
	return record->hop_to >> 16 != hop->to || record->hop_from >> 16 != hop->from ||
	       (record->hop_device >> 16 & 0xffffffff) != hop->ifindex;
}

/* Packets ask for its next hop anew. */
static void lose(struct store *store, __u32 id)
{
	__u16 service = store->backend[id].service;
	struct link_hop hop = {0};
	int error = link_next_hop(store->backend[id].address, &hop);

	store_hop_void(store, id);
	if (store->backend[id].deputy_of)
		return; /* its owner's event tells */
	if (error == LINK_NO_ROUTE)
		event_note(store, LB_EVENT_NEIGHBOUR, service, id, "there is no route to it");
	else if (error == LINK_UNRESOLVED)
		event_note(store, LB_EVENT_NEIGHBOUR, service, id, "its neighbour is not known");
	else if (!error && is_another(&store->backends[id], &hop))
		event_note(store, LB_EVENT_NEIGHBOUR, service, id, "its next hop is another");
	store_hop_void(store, id);
}

void hops_write(struct hops *hops, struct store *store)
{
	qsort(hops->stale, hops->stale_count, sizeof(*hops->stale), compare);
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (store->backend[id].service &&
		    (hops->all_stale || bsearch(store->backend[id].address, hops->stale,
						hops->stale_count, sizeof(*hops->stale), compare)))
			lose(store, id);
	hops->stale_count = 0;
	hops->all_stale = false;
}
