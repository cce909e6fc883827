/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The next hops of an instance's backends, followed: what is to be done so that a backend
 * whose hardware address or route changes is soon reached again. See netlink/nexthop_monitor.h.
 *
 * The caller has the loop: it polls hops_fd() and calls hops_read(); calls hops_turn()
 * every NEIGHBOUR_TURN_MS; and hops_follow() once, and whenever the configuration may have
 * changed. The store is only touched when there is something to say: hops_turn() tells,
 * and hops_write() then wants it open for writing.
 */
#ifndef CONTROLLER_NEXTHOPS_H
#define CONTROLLER_NEXTHOPS_H

#include <stdbool.h>

#include "netlink/nexthop_monitor.h"
#include "store/store.h"

struct hops {
	struct neighbour_watch *watch;
	__u64 (*stale)[2]; /* addresses whose kept next hops are not right any more */
	size_t stale_count, stale_room;
	bool all_stale; /* there is no room to say which */
};

/* 0, or a negative errno. */
int hops_open(struct hops *hops);
void hops_close(struct hops *hops);

int hops_fd(const struct hops *hops);
void hops_read(struct hops *hops);

/* Follows the backends that the store has now. */
int hops_follow(struct hops *hops, const struct store *store);

/* Is there something to write? */
bool hops_turn(struct hops *hops, __u64 now_ms);
void hops_write(struct hops *hops, struct store *store);

#endif
