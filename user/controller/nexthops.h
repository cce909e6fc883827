/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Next hops of an instance's backends: invalidates the cached next hop when a backend's route
 * or MAC address changes. netlink/nexthop_monitor.h detects the changes.
 *
 * The caller owns the loop. It calls nexthops_read() when nexthops_fd() is readable,
 * nexthops_poll() every NEXTHOP_MONITOR_POLL_MS, and nexthops_update() after every change of the
 * configuration. If nexthops_poll() returns true, nexthops_write() needs the store open for
 * writing.
 */
#ifndef CONTROLLER_NEXTHOPS_H
#define CONTROLLER_NEXTHOPS_H

#include <stdbool.h>

#include "netlink/nexthop_monitor.h"
#include "store/store.h"

struct nexthops {
	struct nexthop_monitor *watch;
	__u64 (*stale)[2]; /* their cached next hops are out of date */
	size_t stale_count, stale_capacity;
	bool all_stale; /* out of memory for the list: all are considered stale */
};

/* Returns 0 or a negative errno. */
int nexthops_open(struct nexthops *nexthops);
void nexthops_close(struct nexthops *nexthops);

int nexthops_fd(const struct nexthops *nexthops);
void nexthops_read(struct nexthops *nexthops);

/* Monitors the backends of the store. Returns 0 or a negative errno. */
int nexthops_update(struct nexthops *nexthops, const struct store *store);

/* Returns true if nexthops_write() has something to write. */
bool nexthops_poll(struct nexthops *nexthops, __u64 now_ms);
void nexthops_write(struct nexthops *nexthops, struct store *store);

#endif
