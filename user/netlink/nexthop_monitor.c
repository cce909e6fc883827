// SPDX-License-Identifier: GPL-2.0-only
#include "netlink/nexthop_monitor.h"

#include <errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/route/rtnl.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "netlink/nexthop_set.h"
#include "netlink/route_query.h"

#define BUFFER_BYTES	  (1 << 20)
#define READ_MESSAGES	  2048
#define ASKED_IN_A_TURN	  256
#define ORDERED_IN_A_TURN 100

struct neighbour_watch {
	struct nl_sock *events;
	struct nl_sock *questions;
	struct nl_sock *orders;
	struct vicinity vicinity;
};

/* A route's change concerns whose address is of its prefix. */
static void take_route(struct vicinity *vicinity, struct nlmsghdr *message)
{
	const struct rtmsg *header = nlmsg_data(message);
	struct nlattr *to = nlmsg_find_attr(message, sizeof(*header), RTA_DST);
	__u64 prefix[2] = {0};
	__be32 ipv4 = 0;

	if (header->rtm_family == AF_INET) {
		if (to)
			ipv4 = nla_get_u32(to);
		address_from_ipv4(ipv4, prefix);
		vicinity_route_changed(vicinity, prefix, 96 + header->rtm_dst_len);
	} else if (header->rtm_family == AF_INET6) {
		if (to && nla_len(to) == sizeof(prefix))
			memcpy(prefix, nla_data(to), sizeof(prefix));
		vicinity_route_changed(vicinity, prefix, header->rtm_dst_len);
	}
}

static int take_event(struct nl_msg *message, void *argument)
{
	struct neighbour_watch *watch = argument;
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct way_neighbour neighbour;
	struct way_link link;
	__u32 ifindex;

	switch (header->nlmsg_type) {
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		if (way_read_neighbour(header, &neighbour))
			vicinity_neighbour_changed(&watch->vicinity, &neighbour);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		take_route(&watch->vicinity, header);
		break;
	case RTM_NEWLINK:
		if (way_read_link(header, &ifindex, &link))
			vicinity_link_changed(&watch->vicinity, ifindex, &link);
		vicinity_changed(&watch->vicinity); /* routes may come and go with it */
		break;
	default: /* addresses, rules, next hops that routes share */
		vicinity_changed(&watch->vicinity);
	}
	return NL_OK;
}

static int listen_to_kernel(struct nl_sock *socket)
{
	nl_socket_disable_seq_check(socket);
	if (nl_connect(socket, NETLINK_ROUTE) || nl_socket_set_nonblocking(socket) ||
	    nl_socket_set_buffer_size(socket, BUFFER_BYTES, 0) ||
	    nl_socket_add_memberships(socket, RTNLGRP_NEIGH, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
				      RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
				      RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE, RTNLGRP_NEXTHOP,
				      RTNLGRP_NONE))
		return -EIO;
	return 0;
}

int neighbour_open(struct neighbour_watch **opened)
{
	struct neighbour_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return -ENOMEM;
	watch->events = nl_socket_alloc();
	watch->questions = way_open(true);
	watch->orders = way_open(false);
	if (!watch->events || !watch->questions || !watch->orders ||
	    listen_to_kernel(watch->events)) {
		neighbour_close(watch);
		return -EIO;
	}
	nl_socket_modify_cb(watch->events, NL_CB_VALID, NL_CB_CUSTOM, take_event, watch);
	*opened = watch;
	return 0;
}

void neighbour_close(struct neighbour_watch *watch)
{
	if (!watch)
		return;
	nl_socket_free(watch->events);
	way_close(watch->questions);
	way_close(watch->orders);
	vicinity_free(&watch->vicinity);
	free(watch);
}

int neighbour_fd(const struct neighbour_watch *watch)
{
	return nl_socket_get_fd(watch->events);
}

int neighbour_follow(struct neighbour_watch *watch, const __u64 (*addresses)[2], size_t count)
{
	return vicinity_follow(&watch->vicinity, addresses, count);
}

void neighbour_read(struct neighbour_watch *watch)
{
	int error = 0;

	for (int i = 0; i < READ_MESSAGES && error >= 0; i++)
		error = nl_recvmsgs_default(watch->events);
	if (error < 0 && error != -NLE_AGAIN) /* some were lost */
		vicinity_changed(&watch->vicinity);
}

/* Asks for the way to an address, and of a next hop that it is the first to need. */
static int examine(struct neighbour_watch *watch, struct vicinity_target *target)
{
	struct way_neighbour neighbour = {0};
	struct way_link link;
	struct way way;
	bool is_new;
	int error;

	way_ask(watch->questions, target->address, &way);
	error = vicinity_examined(&watch->vicinity, target, &way, &is_new);
	if (error || !is_new)
		return error;
	memcpy(neighbour.address, way.neighbour, sizeof(neighbour.address));
	neighbour.ifindex = way.ifindex;
	way_ask_neighbour(watch->questions, &neighbour);
	vicinity_neighbour_changed(&watch->vicinity, &neighbour);
	way_ask_link(watch->questions, way.ifindex, &link);
	vicinity_link_changed(&watch->vicinity, way.ifindex, &link);
	return 0;
}

void neighbour_turn(struct neighbour_watch *watch, __u64 now_ms, neighbour_told *told,
		    void *argument)
{
	const struct vicinity_target *changed;
	const struct vicinity_hop *needy;
	struct vicinity_target *due;
	enum way_order order;

	for (int i = 0; i < ASKED_IN_A_TURN; i++) {
		due = vicinity_next_due(&watch->vicinity);
		if (!due || examine(watch, due))
			break;
	}
	for (int i = 0; i < ORDERED_IN_A_TURN; i++) {
		needy = vicinity_next_need(&watch->vicinity, now_ms, &order);
		if (!needy)
			break;
		way_order(watch->orders, &needy->neighbour, order);
	}
	while ((changed = vicinity_next_told(&watch->vicinity)))
		told(argument, changed->address);
}
