// SPDX-License-Identifier: GPL-2.0-only
#include "controller/nexthops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "netlink/route.h"
#include "store/devices.h"
#include "store/event_log.h"

int nexthops_open(struct nexthops *nexthops)
{
	*nexthops = (struct nexthops){0};
	return nexthop_monitor_open(&nexthops->watch);
}

void nexthops_close(struct nexthops *nexthops)
{
	nexthop_monitor_close(nexthops->watch);
	free(nexthops->stale);
	*nexthops = (struct nexthops){0};
}

int nexthops_fd(const struct nexthops *nexthops)
{
	return nexthop_monitor_fd(nexthops->watch);
}

void nexthops_read(struct nexthops *nexthops)
{
	nexthop_monitor_read(nexthops->watch);
}

int nexthops_update(struct nexthops *nexthops, const struct store *store)
{
	__u32 limit = store->control->max_backends;
	_free_ __u64(*addresses)[2] = calloc(limit, sizeof(*addresses));
	size_t count = 0;

	if (!addresses)
		return -ENOMEM;
	for (__u32 id = 1; id < limit; id++)
		if (store->config.backend[id].service)
			memcpy(addresses[count++], store->config.backend[id].address, 16);
	return nexthop_monitor_update(nexthops->watch, addresses, count);
}

static void add_stale(void *argument, const __u64 address[2])
{
	struct nexthops *nexthops = argument;

	if (nexthops->stale_count == nexthops->stale_capacity) {
		size_t capacity = 2 * nexthops->stale_capacity + 16;
		void *more = realloc(nexthops->stale, capacity * sizeof(*nexthops->stale));

		nexthops->all_stale |= !more;
		if (!more)
			return;
		nexthops->stale = more;
		nexthops->stale_capacity = capacity;
	}
	memcpy(nexthops->stale[nexthops->stale_count++], address, 16);
}

bool nexthops_poll(struct nexthops *nexthops, __u64 now_ms)
{
	nexthop_monitor_poll(nexthops->watch, now_ms, add_stale, nexthops);
	return nexthops->stale_count || nexthops->all_stale;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

/* True if the cached next hop is valid and differs from the kernel's. */
static bool is_changed(const struct lb_backend *record, const struct route_nexthop *nexthop)
{
	if ((record->nexthop_dst_mac ^ record->nexthop_src_mac) & 0xffff)
		return false;
	return record->nexthop_dst_mac >> 16 != nexthop->to ||
	       record->nexthop_src_mac >> 16 != nexthop->from ||
	       (record->nexthop_device >> 16 & 0xffffffff) != nexthop->ifindex;
}

/* Logs why a next hop was invalidated; `before` is the backend's record from before that. */
static void log_change(struct store *store, __u32 id, const struct lb_backend *before)
{
	__u16 service = store->config.backend[id].service;
	struct route_nexthop nexthop = {0};
	int error = route_find_nexthop(store->config.backend[id].address, &nexthop);

	if (error == ROUTE_MISSING)
		event_log_add(store, LB_EVENT_NEIGHBOUR, service, id, "there is no route to it");
	else if (error == ROUTE_UNRESOLVED)
		event_log_add(store, LB_EVENT_NEIGHBOUR, service, id, "its neighbour is not known");
	else if (!error && is_changed(before, &nexthop))
		event_log_add(store, LB_EVENT_NEIGHBOUR, service, id, "its next hop has changed");
}

/* Invalidates a backend's cached next hop. The next packet resolves it again. */
static void invalidate(struct store *store, __u32 id)
{
	const struct lb_backend before = store->tables.backends[id];

	store_nexthop_invalidate(store, id);
	if (store->config.backend[id].alias_of)
		return; /* the original backend has the event */
	log_change(store, id, &before);
	/* A packet may have written a next hop that it looked up before the change. */
	store_nexthop_invalidate(store, id);
}

void nexthops_write(struct nexthops *nexthops, struct store *store)
{
	qsort(nexthops->stale, nexthops->stale_count, sizeof(*nexthops->stale), compare);
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (store->config.backend[id].service &&
		    (nexthops->all_stale ||
		     bsearch(store->config.backend[id].address, nexthops->stale,
			     nexthops->stale_count, sizeof(*nexthops->stale), compare)))
			invalidate(store, id);
	nexthops->stale_count = 0;
	nexthops->all_stale = false;
}
