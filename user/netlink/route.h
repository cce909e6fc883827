/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's routes and neighbours say of the way to an address, in the
 * network namespace that lbctl runs in. Beside it, netlink/route_query.h and netlink/nexthop_monitor.h use libnl.
 */
#ifndef NETLINK_ROUTE_H
#define NETLINK_ROUTE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/condition.h"

enum route_condition {
	ROUTE_UNRESOLVED =
		CONDITION_ROUTE, /* the neighbour is not known; the kernel was asked to find it */
	ROUTE_MISSING,
};

struct route_nexthop {
	__u64 to; /* MAC addresses, first byte lowest */
	__u64 from;
	__u32 ifindex;
	__u16 mtu;
	bool is_routed; /* the hop is a router */
};

/* The next hop to an address of the ABI's form. 0, a negative errno, or a condition. */
int route_find_nexthop(const __u64 address[2], struct route_nexthop *nexthop);

/* The interface that leads to an address, by its index; 0 = none. Finds no neighbour. */
__u32 route_find_interface(const __u64 address[2]);

/* The addresses of an interface, at most `room`: how many, or a negative errno. */
int route_interface_addresses(__u32 ifindex, __u64 (*addresses)[2], size_t capacity);

#endif
