/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vicinity: addresses that are followed, their next hops, what a change concerns, and
 * what is to be asked of whom when.
 *
 * An address is due when something changed that may concern it, until its way has been
 * asked for. A next hop is one for all addresses that it is the way to, and stays as long
 * as it is. What was last known of the way to an address is kept, so that only changes are
 * told, and none before the new next hop is known: until then the old one may do.
 *
 * Pure: time is an argument, and the caller does the asking. nexthop_set_free() lets go what
 * it owns.
 */
#ifndef NETLINK_NEXTHOP_SET_H
#define NETLINK_NEXTHOP_SET_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define NEXTHOP_CONFIRM_MS	   400 /* a next hop is asked whether it is there so often, */
#define NEXTHOP_CONFIRM_TIMEOUT_MS 150 /* has so long to answer, */
#define NEXTHOP_CONFIRM_ATTEMPTS   2 /* and is asked so often before it is given up */
#define NEXTHOP_RESOLVE_MS	   500 /* one that is not known is searched for so often */

/* By which interface and neighbour the kernel sends to an address. */
struct route {
	__u64 neighbour[2]; /* the gateway, or the address itself; in the ABI's form */
	__u32 ifindex; /* 0 = there is no way */
	__u32 mtu; /* the route's own; 0 = the interface's */
	bool is_routed; /* the neighbour is a router */
};

/* A neighbour, as the kernel has it. */
struct nexthop_neighbour {
	__u64 address[2];
	__u64 mac; /* the first byte lowest; 0 = not known */
	__u32 ifindex;
	bool is_fixed; /* somebody's word, which is not to be doubted */
	bool is_reachable; /* it has just been heard of */
};

/* An interface, as packets need to know it. */
struct nexthop_link {
	__u64 mac;
	__u32 mtu;
};

enum neighbour_command {
	NEIGHBOUR_RESOLVE, /* find it, as if there was a packet for it; what is known stays */
	NEIGHBOUR_CONFIRM, /* ask it whether it is still there */
	NEIGHBOUR_RECONFIRM, /* ask that again, as the question or its answer may be lost */
	NEIGHBOUR_INVALIDATE, /* what is known is wrong */
};

struct tracked_nexthop {
	struct nexthop_neighbour neighbour;
	struct nexthop_link link; /* that it is on */
	size_t users; /* addresses that it is the way to */
	unsigned int unanswered; /* times that it was asked */
	__u64 resolve_ms; /* to be searched for then, if it is not known */
	__u64 confirm_ms; /* to be asked then, again, or given up */
};

struct nexthop_set_target {
	__u64 address[2];
	bool is_due;
	struct route route;
	/* As it was when it was last known; without an interface: it is not. */
	struct route known_route;
	struct nexthop_link known_link;
	__u64 known_mac;
};

struct nexthop_set {
	struct nexthop_set_target *targets; /* in the order of their addresses */
	size_t target_count;
	struct tracked_nexthop *nexthops; /* in the order of address and interface */
	size_t nexthop_count, nexthop_capacity;
	size_t due_next, command_next, changed_next; /* where to go on looking */
	size_t due_left, changed_left; /* targets to look at still */
};

void nexthop_set_free(struct nexthop_set *nexthop_set);

/* 0 or -ENOMEM. */
int nexthop_set_update(struct nexthop_set *nexthop_set, const __u64 (*addresses)[2], size_t count);

/* A route changed: for a prefix of so many of an address's 128 bits. */
void nexthop_set_route_changed(struct nexthop_set *nexthop_set, const __u64 prefix[2],
			       unsigned int bits);

/* Something changed that may concern everybody. */
void nexthop_set_all_changed(struct nexthop_set *nexthop_set);

/* An interface's hardware address and MTU are these. */
void nexthop_set_link_changed(struct nexthop_set *nexthop_set, __u32 ifindex,
			      const struct nexthop_link *link);

void nexthop_set_neighbour_changed(struct nexthop_set *nexthop_set,
				   const struct nexthop_neighbour *neighbour);

/* An address that is due, or NULL. */
struct nexthop_set_target *nexthop_set_next_due(struct nexthop_set *nexthop_set);

/* The way to it; *is_new tells that its next hop has not been heard of yet. 0 or -ENOMEM. */
int nexthop_set_route_result(struct nexthop_set *nexthop_set, struct nexthop_set_target *target,
			     const struct route *route, bool *is_new);

/* A next hop that is to be given an order now, which then counts as given; or NULL. */
const struct tracked_nexthop *nexthop_set_next_command(struct nexthop_set *nexthop_set,
						       __u64 now_ms, enum neighbour_command *order);

/* An address that is to be told of now, which then counts as told; or NULL. */
const struct nexthop_set_target *nexthop_set_next_changed(struct nexthop_set *nexthop_set);

#endif
