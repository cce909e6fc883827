/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Route lookups: the next hop, interface and source addresses for a destination, in the
 * network namespace of lbctl.
 */
#ifndef NETLINK_ROUTE_H
#define NETLINK_ROUTE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/condition.h"

enum route_condition {
	ROUTE_UNRESOLVED =
		CONDITION_ROUTE, /* the neighbour is unknown; the kernel resolves it now */
	ROUTE_MISSING, /* there is no route */
};

struct route_nexthop {
	__u64 to; /* MAC addresses, first byte lowest */
	__u64 from;
	__u32 ifindex;
	__u16 mtu;
	bool is_routed; /* the next hop is a router */
};

/* The next hop to an address in the ABI's form. Returns 0, a negative errno or a condition. */
int route_find_nexthop(const __u64 address[2], struct route_nexthop *nexthop);

/* Returns the index of the interface that routes to an address; 0 if none does. */
__u32 route_find_interface(const __u64 address[2]);

/* Lists at most `capacity` addresses of an interface. Returns their number or a negative errno. */
int route_interface_addresses(__u32 ifindex, __u64 (*addresses)[2], size_t capacity);

#endif
