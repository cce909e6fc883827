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
 * Pure: time is an argument, and the caller does the asking. vicinity_free() lets go what
 * it owns.
 */
#ifndef NETLINK_NEXTHOP_SET_H
#define NETLINK_NEXTHOP_SET_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define VICINITY_CONFIRM_MS  400 /* a next hop is asked whether it is there so often, */
#define VICINITY_PATIENCE_MS 150 /* has so long to answer, */
#define VICINITY_ATTEMPTS    2 /* and is asked so often before it is given up */
#define VICINITY_RESOLVE_MS  500 /* one that is not known is searched for so often */

/* By which interface and neighbour the kernel sends to an address. */
struct way {
	__u64 neighbour[2]; /* the gateway, or the address itself; in the ABI's form */
	__u32 ifindex; /* 0 = there is no way */
	__u32 mtu; /* the route's own; 0 = the interface's */
	bool is_routed; /* the neighbour is a router */
};

/* A neighbour, as the kernel has it. */
struct way_neighbour {
	__u64 address[2];
	__u64 mac; /* the first byte lowest; 0 = not known */
	__u32 ifindex;
	bool is_fixed; /* somebody's word, which is not to be doubted */
	bool is_reachable; /* it has just been heard of */
};

/* An interface, as packets need to know it. */
struct way_link {
	__u64 mac;
	__u32 mtu;
};

enum way_order {
	WAY_RESOLVE, /* find it, as if there was a packet for it; what is known stays */
	WAY_CONFIRM, /* ask it whether it is still there */
	WAY_REPEAT, /* ask that again, as the question or its answer may be lost */
	WAY_DOUBT, /* what is known is wrong */
};

struct vicinity_hop {
	struct way_neighbour neighbour;
	struct way_link link; /* that it is on */
	size_t users; /* addresses that it is the way to */
	unsigned int unanswered; /* times that it was asked */
	__u64 resolve_ms; /* to be searched for then, if it is not known */
	__u64 confirm_ms; /* to be asked then, again, or given up */
};

struct vicinity_target {
	__u64 address[2];
	bool is_due;
	struct way way;
	/* As it was when it was last known; without an interface: it is not. */
	struct way known_way;
	struct way_link known_link;
	__u64 known_mac;
};

struct vicinity {
	struct vicinity_target *targets; /* in the order of their addresses */
	size_t target_count;
	struct vicinity_hop *hops; /* in the order of address and interface */
	size_t hop_count, hop_room;
	size_t due_next, need_next, told_next; /* where to go on looking */
	size_t due_left, told_left; /* targets to look at still */
};

void vicinity_free(struct vicinity *vicinity);

/* 0 or -ENOMEM. */
int vicinity_follow(struct vicinity *vicinity, const __u64 (*addresses)[2], size_t count);

/* A route changed: for a prefix of so many of an address's 128 bits. */
void vicinity_route_changed(struct vicinity *vicinity, const __u64 prefix[2], unsigned int bits);

/* Something changed that may concern everybody. */
void vicinity_changed(struct vicinity *vicinity);

/* An interface's hardware address and MTU are these. */
void vicinity_link_changed(struct vicinity *vicinity, __u32 ifindex, const struct way_link *link);

void vicinity_neighbour_changed(struct vicinity *vicinity, const struct way_neighbour *neighbour);

/* An address that is due, or NULL. */
struct vicinity_target *vicinity_next_due(struct vicinity *vicinity);

/* The way to it; *is_new tells that its next hop has not been heard of yet. 0 or -ENOMEM. */
int vicinity_examined(struct vicinity *vicinity, struct vicinity_target *target,
		      const struct way *way, bool *is_new);

/* A next hop that is to be given an order now, which then counts as given; or NULL. */
const struct vicinity_hop *vicinity_next_need(struct vicinity *vicinity, __u64 now_ms,
					      enum way_order *order);

/* An address that is to be told of now, which then counts as told; or NULL. */
const struct vicinity_target *vicinity_next_told(struct vicinity *vicinity);

#endif
