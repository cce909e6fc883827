// SPDX-License-Identifier: GPL-2.0-only
#include "netlink/route.h"

#include <errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <stdbool.h>
#include <string.h>

#include "base/address.h"
#include "netlink/route_query.h"

/* The lower one of the route's own MTU and the interface's. */
static __u16 effective_mtu(const struct route *route, const struct nexthop_link *link)
{
	__u32 mtu = route->mtu && route->mtu < link->mtu ? route->mtu : link->mtu;

	return mtu > 0xffff ? 0xffff : mtu;
}

static int find_nexthop(struct nl_sock *socket, const __u64 address[2],
			struct route_nexthop *nexthop)
{
	struct nexthop_neighbour neighbour = {0};
	struct nexthop_link link;
	struct route route;

	route_query_lookup(socket, address, &route);
	if (!route.ifindex)
		return ROUTE_MISSING;
	memcpy(neighbour.address, route.neighbour, sizeof(neighbour.address));
	neighbour.ifindex = route.ifindex;
	route_query_neighbour(socket, &neighbour);
	route_query_link(socket, route.ifindex, &link);
	*nexthop = (struct route_nexthop){
		.to = neighbour.mac,
		.from = link.mac,
		.ifindex = route.ifindex,
		.mtu = effective_mtu(&route, &link),
		.is_routed = route.is_routed,
	};
	if (!nexthop->to)
		neighbour_command(socket, &neighbour, NEIGHBOUR_RESOLVE);
	return nexthop->to && nexthop->from ? 0 : ROUTE_UNRESOLVED;
}

int route_find_nexthop(const __u64 address[2], struct route_nexthop *nexthop)
{
	struct nl_sock *socket = route_query_open(true);
	int error;

	if (!socket)
		return -EIO;
	error = find_nexthop(socket, address, nexthop);
	route_query_close(socket);
	return error;
}

__u32 route_find_interface(const __u64 address[2])
{
	struct nl_sock *socket = route_query_open(true);
	struct route route = {0};

	if (!socket)
		return 0;
	route_query_lookup(socket, address, &route);
	route_query_close(socket);
	return route.ifindex;
}

/* Collects the addresses of an interface. */
struct address_list {
	__u32 ifindex;
	__u64 (*addresses)[2];
	size_t capacity, count;
};

static void add_address(struct nl_object *object, void *argument)
{
	struct address_list *address_list = argument;
	struct rtnl_addr *entry = (struct rtnl_addr *)object;
	struct nl_addr *local = rtnl_addr_get_local(entry);
	__u32 ipv4;

	if ((__u32)rtnl_addr_get_ifindex(entry) != address_list->ifindex || !local ||
	    address_list->count == address_list->capacity)
		return;
	if (nl_addr_get_family(local) == AF_INET) {
		memcpy(&ipv4, nl_addr_get_binary_addr(local), sizeof(ipv4));
		address_from_ipv4(ipv4, address_list->addresses[address_list->count++]);
	} else if (nl_addr_get_family(local) == AF_INET6) {
		memcpy(address_list->addresses[address_list->count++],
		       nl_addr_get_binary_addr(local), 16);
	}
}

int route_interface_addresses(__u32 ifindex, __u64 (*addresses)[2], size_t capacity)
{
	struct address_list address_list = {ifindex, addresses, capacity, 0};
	struct nl_sock *socket = nl_socket_alloc();
	struct nl_cache *cache;
	int error = socket ? 0 : -ENOMEM;

	if (!error && (nl_connect(socket, NETLINK_ROUTE) || rtnl_addr_alloc_cache(socket, &cache)))
		error = -EIO;
	if (!error) {
		nl_cache_foreach(cache, add_address, &address_list);
		nl_cache_free(cache);
	}
	nl_socket_free(socket);
	return error ? error : (int)address_list.count;
}
