/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Next-hop set: the tracked addresses (targets), their routes, and the next hops that they
 * share; which of them to query, to probe and to report.
 *
 * A target is due from a change that may affect its route until the result of a new route
 * query is recorded. Targets with the same neighbour and interface share one next hop, which
 * is kept while it has users. The set keeps what was last known of each target. It reports
 * differences only, and none before the new next hop is resolved, because the old one may
 * work until then.
 *
 * Cursors belong to the caller and begin at 0. They make work in portions fair: each call
 * continues where the last one stopped.
 *
 * Pure: time is an argument, and the caller does the I/O. The set owns its arrays until
 * nexthop_set_free().
 */
#ifndef NETLINK_NEXTHOP_SET_H
#define NETLINK_NEXTHOP_SET_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define NEXTHOP_CONFIRM_MS	   400 /* from an answer to the next probe */
#define NEXTHOP_CONFIRM_TIMEOUT_MS 150 /* to wait for an answer */
#define NEXTHOP_CONFIRM_ATTEMPTS   2 /* probes without an answer, then it is invalidated */
#define NEXTHOP_RESOLVE_MS	   500 /* between attempts to resolve an unknown neighbour */

/* Interface and neighbour that the kernel uses for an address. */
struct route {
	__u64 neighbour[2]; /* the gateway, or the address itself; in the ABI's form */
	__u32 ifindex; /* 0 = no route */
	__u32 mtu; /* of the route itself; 0 = that of the interface */
	bool is_routed; /* the neighbour is a router */
};

/* A neighbour entry of the kernel. */
struct nexthop_neighbour {
	__u64 address[2];
	__u64 mac; /* first byte lowest; 0 = unknown */
	__u32 ifindex;
	bool is_fixed; /* permanent, or managed by someone else: never probed */
	bool is_reachable; /* just confirmed */
};

/* The fields of an interface that packets need. */
struct nexthop_link {
	__u64 mac;
	__u32 mtu;
};

enum neighbour_command {
	NEIGHBOUR_RESOLVE, /* resolve it as for a packet; a known MAC address is kept */
	NEIGHBOUR_CONFIRM, /* probe it by unicast */
	NEIGHBOUR_RECONFIRM, /* probe it again, because the probe or its answer may be lost */
	NEIGHBOUR_INVALIDATE, /* the known MAC address is wrong */
};

struct tracked_nexthop {
	struct nexthop_neighbour neighbour;
	struct nexthop_link link; /* its interface */
	size_t users; /* targets with this next hop */
	unsigned int unanswered; /* probes */
	__u64 resolve_ms; /* when to resolve it next, if it is unknown */
	__u64 confirm_ms; /* when to probe it next, or to invalidate it */
};

struct nexthop_set_target {
	__u64 address[2];
	bool is_due;
	struct route route;
	/* As last known; without an interface: unknown. */
	struct route known_route;
	struct nexthop_link known_link;
	__u64 known_mac;
};

struct nexthop_set {
	struct nexthop_set_target *targets; /* sorted by address */
	size_t target_count;
	size_t due_count; /* targets that are due */
	struct tracked_nexthop *nexthops; /* sorted by address and interface */
	size_t nexthop_count, nexthop_capacity;
	bool has_changes; /* targets may differ from what was last known */
};

void nexthop_set_free(struct nexthop_set *set);

/* Tracks exactly these addresses. Known targets keep their state. Returns 0 or -ENOMEM. */
int nexthop_set_update(struct nexthop_set *set, const __u64 (*addresses)[2], size_t count);

/* Records that a route to a prefix changed; `bits` of the 128 of an address. */
void nexthop_set_route_changed(struct nexthop_set *set, const __u64 prefix[2], unsigned int bits);

/* Records a change that may affect the route to any target. */
void nexthop_set_all_changed(struct nexthop_set *set);

void nexthop_set_link_changed(struct nexthop_set *set, __u32 ifindex,
			      const struct nexthop_link *link);

void nexthop_set_neighbour_changed(struct nexthop_set *set,
				   const struct nexthop_neighbour *neighbour);

/* Returns a due target; NULL if there is none. */
struct nexthop_set_target *nexthop_set_next_due(const struct nexthop_set *set, size_t *cursor);

/*
 * Records the route of a target, which is no longer due. *is_new: its next hop was not
 * tracked before, so neighbour and link have to be queried. Returns 0 or -ENOMEM.
 */
int nexthop_set_route_result(struct nexthop_set *set, struct nexthop_set_target *target,
			     const struct route *route, bool *is_new);

/* Returns a next hop that needs a command now, and restarts its timer; NULL if none does. */
const struct tracked_nexthop *nexthop_set_take_command(struct nexthop_set *set, size_t *cursor,
						       __u64 now_ms,
						       enum neighbour_command *command);

/*
 * Returns a target with a changed or lost next hop, and records that as known; NULL if there is
 * none left. Start with a cursor of 0 and repeat until NULL.
 */
const struct nexthop_set_target *nexthop_set_take_change(struct nexthop_set *set, size_t *cursor);

#endif
