/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The next hops of an instance's backends, followed: what is to be done so that a backend
 * whose hardware address or route changes is soon reached again. See netlink/nexthop_monitor.h.
 *
 * The caller has the loop: it polls nexthops_fd() and calls nexthops_read(); calls nexthops_poll()
 * every NEXTHOP_MONITOR_POLL_MS; and nexthops_update() once, and whenever the configuration may have
 * changed. The store is only touched when there is something to say: nexthops_poll() tells,
 * and nexthops_write() then wants it open for writing.
 */
#ifndef CONTROLLER_NEXTHOPS_H
#define CONTROLLER_NEXTHOPS_H

#include <stdbool.h>

#include "netlink/nexthop_monitor.h"
#include "store/store.h"

struct nexthops {
	struct nexthop_monitor *watch;
	__u64 (*stale)[2]; /* addresses whose kept next hops are not right any more */
	size_t stale_count, stale_capacity;
	bool all_stale; /* there is no room to say which */
};

/* 0, or a negative errno. */
int nexthops_open(struct nexthops *nexthops);
void nexthops_close(struct nexthops *nexthops);

int nexthops_fd(const struct nexthops *nexthops);
void nexthops_read(struct nexthops *nexthops);

/* Follows the backends that the store has now. */
int nexthops_update(struct nexthops *nexthops, const struct store *store);

/* Is there something to write? */
bool nexthops_poll(struct nexthops *nexthops, __u64 now_ms);
void nexthops_write(struct nexthops *nexthops, struct store *store);

#endif
