/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way to an address: by which interface and neighbour the kernel would send to it now,
 * and what it knows of that neighbour. Questions to the kernel, and orders about
 * neighbours, each a message or two on a socket of the caller's.
 */
#ifndef NETLINK_ROUTE_QUERY_H
#define NETLINK_ROUTE_QUERY_H

#include "netlink/nexthop_set.h"

struct nl_sock;
struct nlmsghdr;

/* A socket to ask (it waits for answers) or to give orders by (for acknowledgements); NULL. */
struct nl_sock *route_query_open(bool is_query);
void route_query_close(struct nl_sock *socket);

/* The way to an address; ifindex is 0 if there is none. */
void route_query_lookup(struct nl_sock *socket, const __u64 address[2], struct route *route);

/* Completes a neighbour whose address and interface are given. */
void route_query_neighbour(struct nl_sock *socket, struct nexthop_neighbour *neighbour);

/* Is that a notification of a neighbour with an address of IP's? */
bool route_query_parse_neighbour(struct nlmsghdr *message, struct nexthop_neighbour *neighbour);

/* All zero if it is not there. */
void route_query_link(struct nl_sock *socket, __u32 ifindex, struct nexthop_link *link);

/* Is that a notification of an interface's own? */
bool route_query_parse_link(struct nlmsghdr *message, __u32 *ifindex, struct nexthop_link *link);

/* Fails silently, as the kernel may not be able to: ask again. */
void neighbour_command(struct nl_sock *socket, const struct nexthop_neighbour *neighbour,
		       enum neighbour_command command);

#endif
