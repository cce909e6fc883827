/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Netlink requests about one route, neighbour or link, and commands for one neighbour: one or
 * two messages each, on a socket of the caller.
 */
#ifndef NETLINK_ROUTE_QUERY_H
#define NETLINK_ROUTE_QUERY_H

#include "netlink/nexthop_set.h"

struct nl_sock;
struct nlmsghdr;

/* Opens a socket for queries, or for commands (with acknowledgements). Returns NULL on failure. */
struct nl_sock *route_query_open(bool is_query);
void route_query_close(struct nl_sock *socket);

/* The route to an address; ifindex is 0 if there is none. */
void route_query_lookup(struct nl_sock *socket, const __u64 address[2], struct route *route);

/* Fills in the state of a neighbour; its address and interface are given. */
void route_query_neighbour(struct nl_sock *socket, struct nexthop_neighbour *neighbour);

/* Returns whether the message is about a neighbour with an IPv4 or IPv6 address. */
bool route_query_parse_neighbour(struct nlmsghdr *message, struct nexthop_neighbour *neighbour);

/* The link is all zero if the interface does not exist. */
void route_query_link(struct nl_sock *socket, __u32 ifindex, struct nexthop_link *link);

/* Returns whether the message is about an interface itself, not about its bridge port. */
bool route_query_parse_link(struct nlmsghdr *message, __u32 *ifindex, struct nexthop_link *link);

/* Ignores failures: the kernel may be unable now, and the caller repeats commands. */
void neighbour_command(struct nl_sock *socket, const struct nexthop_neighbour *neighbour,
		       enum neighbour_command command);

#endif
