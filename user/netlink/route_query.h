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
struct nl_sock *way_open(bool asks);
void way_close(struct nl_sock *socket);

/* The way to an address; ifindex is 0 if there is none. */
void way_ask(struct nl_sock *socket, const __u64 address[2], struct way *way);

/* Completes a neighbour whose address and interface are given. */
void way_ask_neighbour(struct nl_sock *socket, struct way_neighbour *neighbour);

/* Is that a notification of a neighbour with an address of IP's? */
bool way_read_neighbour(struct nlmsghdr *message, struct way_neighbour *neighbour);

/* All zero if it is not there. */
void way_ask_link(struct nl_sock *socket, __u32 ifindex, struct way_link *link);

/* Is that a notification of an interface's own? */
bool way_read_link(struct nlmsghdr *message, __u32 *ifindex, struct way_link *link);

/* Fails silently, as the kernel may not be able to: ask again. */
void way_order(struct nl_sock *socket, const struct way_neighbour *neighbour, enum way_order order);

#endif
