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

#define BUFFER_BYTES	  (1 << 20) /* of the socket, for bursts of notifications */
#define READ_MESSAGES	  2048 /* per nexthop_monitor_read() */
#define QUERIES_PER_POLL  256
#define COMMANDS_PER_POLL 100

struct nexthop_monitor {
	struct nl_sock *events; /* notifications */
	struct nl_sock *queries;
	struct nl_sock *commands;
	struct nexthop_set set;
	size_t due_cursor, command_cursor; /* in the set */
};

/* Marks the targets within the changed route's prefix as due. */
static void handle_route(struct nexthop_set *set, struct nlmsghdr *message)
{
	const struct rtmsg *header = nlmsg_data(message);
	struct nlattr *to = nlmsg_find_attr(message, sizeof(*header), RTA_DST);
	__u64 prefix[2] = {0};
	__be32 ipv4 = 0;

	if (header->rtm_family == AF_INET) {
		if (to)
			ipv4 = nla_get_u32(to);
		address_from_ipv4(ipv4, prefix);
		nexthop_set_route_changed(set, prefix, 96 + header->rtm_dst_len);
	} else if (header->rtm_family == AF_INET6) {
		if (to && nla_len(to) == sizeof(prefix))
			memcpy(prefix, nla_data(to), sizeof(prefix));
		nexthop_set_route_changed(set, prefix, header->rtm_dst_len);
	}
}

static int handle_message(struct nl_msg *message, void *argument)
{
	struct nexthop_monitor *monitor = argument;
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct nexthop_neighbour neighbour;
	struct nexthop_link link;
	__u32 ifindex;

	switch (header->nlmsg_type) {
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		if (route_query_parse_neighbour(header, &neighbour))
			nexthop_set_neighbour_changed(&monitor->set, &neighbour);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		handle_route(&monitor->set, header);
		break;
	case RTM_NEWLINK:
		if (route_query_parse_link(header, &ifindex, &link))
			nexthop_set_link_changed(&monitor->set, ifindex, &link);
		nexthop_set_all_changed(&monitor->set); /* its routes may appear or disappear */
		break;
	default: /* addresses, rules, next-hop objects */
		nexthop_set_all_changed(&monitor->set);
	}
	return NL_OK;
}

static int subscribe(struct nl_sock *socket)
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

int nexthop_monitor_open(struct nexthop_monitor **opened)
{
	struct nexthop_monitor *monitor = calloc(1, sizeof(*monitor));

	if (!monitor)
		return -ENOMEM;
	monitor->events = nl_socket_alloc();
	monitor->queries = route_query_open(true);
	monitor->commands = route_query_open(false);
	if (!monitor->events || !monitor->queries || !monitor->commands ||
	    subscribe(monitor->events)) {
		nexthop_monitor_close(monitor);
		return -EIO;
	}
	nl_socket_modify_cb(monitor->events, NL_CB_VALID, NL_CB_CUSTOM, handle_message, monitor);
	*opened = monitor;
	return 0;
}

void nexthop_monitor_close(struct nexthop_monitor *monitor)
{
	if (!monitor)
		return;
	nl_socket_free(monitor->events);
	route_query_close(monitor->queries);
	route_query_close(monitor->commands);
	nexthop_set_free(&monitor->set);
	free(monitor);
}

int nexthop_monitor_fd(const struct nexthop_monitor *monitor)
{
	return nl_socket_get_fd(monitor->events);
}

int nexthop_monitor_update(struct nexthop_monitor *monitor, const __u64 (*addresses)[2],
			   size_t count)
{
	return nexthop_set_update(&monitor->set, addresses, count);
}

void nexthop_monitor_read(struct nexthop_monitor *monitor)
{
	int error = 0;

	for (int i = 0; i < READ_MESSAGES && error >= 0; i++)
		error = nl_recvmsgs_default(monitor->events);
	if (error < 0 && error != -NLE_AGAIN) /* notifications were lost */
		nexthop_set_all_changed(&monitor->set);
}

/* Queries the route to a target, and its next hop if that is new. Returns 0 or -ENOMEM. */
static int query_target(struct nexthop_monitor *monitor, struct nexthop_set_target *target)
{
	struct nexthop_neighbour neighbour = {0};
	struct nexthop_link link;
	struct route route;
	bool is_new;
	int error;

	route_query_lookup(monitor->queries, target->address, &route);
	error = nexthop_set_route_result(&monitor->set, target, &route, &is_new);
	if (error || !is_new)
		return error;
	memcpy(neighbour.address, route.neighbour, sizeof(neighbour.address));
	neighbour.ifindex = route.ifindex;
	route_query_neighbour(monitor->queries, &neighbour);
	nexthop_set_neighbour_changed(&monitor->set, &neighbour);
	route_query_link(monitor->queries, route.ifindex, &link);
	nexthop_set_link_changed(&monitor->set, route.ifindex, &link);
	return 0;
}

void nexthop_monitor_poll(struct nexthop_monitor *monitor, __u64 now_ms,
			  nexthop_monitor_fn *changed_fn, void *argument)
{
	const struct nexthop_set_target *changed;
	const struct tracked_nexthop *nexthop;
	size_t change_cursor = 0;
	struct nexthop_set_target *due;
	enum neighbour_command command;

	for (int i = 0; i < QUERIES_PER_POLL; i++) {
		due = nexthop_set_next_due(&monitor->set, &monitor->due_cursor);
		if (!due || query_target(monitor, due))
			break;
	}
	for (int i = 0; i < COMMANDS_PER_POLL; i++) {
		nexthop = nexthop_set_take_command(&monitor->set, &monitor->command_cursor, now_ms,
						   &command);
		if (!nexthop)
			break;
		neighbour_command(monitor->commands, &nexthop->neighbour, command);
	}
	while ((changed = nexthop_set_take_change(&monitor->set, &change_cursor)))
		changed_fn(argument, changed->address);
}
