// SPDX-License-Identifier: GPL-2.0-only
#include "netlink/route.h"

#include <errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <stdbool.h>
#include <string.h>

#include "base/address.h"
#include "netlink/route_query.h"

/* Of the route's own MTU and the interface's, the lower one. */
static __u16 hop_mtu(const struct way *way, const struct way_link *link)
{
	__u32 mtu = way->mtu && way->mtu < link->mtu ? way->mtu : link->mtu;

	return mtu > 0xffff ? 0xffff : mtu;
}

static int find_hop(struct nl_sock *socket, const __u64 address[2], struct link_hop *hop)
{
	struct way_neighbour neighbour = {0};
	struct way_link link;
	struct way way;

	way_ask(socket, address, &way);
	if (!way.ifindex)
		return LINK_NO_ROUTE;
	memcpy(neighbour.address, way.neighbour, sizeof(neighbour.address));
	neighbour.ifindex = way.ifindex;
	way_ask_neighbour(socket, &neighbour);
	way_ask_link(socket, way.ifindex, &link);
	*hop = (struct link_hop){
		.to = neighbour.mac,
		.from = link.mac,
		.ifindex = way.ifindex,
		.mtu = hop_mtu(&way, &link),
		.is_routed = way.is_routed,
	};
	if (!hop->to)
		way_order(socket, &neighbour, WAY_RESOLVE);
	return hop->to && hop->from ? 0 : LINK_UNRESOLVED;
}

int link_next_hop(const __u64 address[2], struct link_hop *hop)
{
	struct nl_sock *socket = way_open(true);
	int error;

	if (!socket)
		return -EIO;
	error = find_hop(socket, address, hop);
	way_close(socket);
	return error;
}

__u32 link_interface_to(const __u64 address[2])
{
	struct nl_sock *socket = way_open(true);
	struct way way = {0};

	if (!socket)
		return 0;
	way_ask(socket, address, &way);
	way_close(socket);
	return way.ifindex;
}

/* What is gathered of an interface's addresses. */
struct gathering {
	__u32 ifindex;
	__u64 (*addresses)[2];
	size_t room, count;
};

static void gather(struct nl_object *object, void *argument)
{
	struct gathering *gathering = argument;
	struct rtnl_addr *entry = (struct rtnl_addr *)object;
	struct nl_addr *local = rtnl_addr_get_local(entry);
	__u32 ipv4;

	if ((__u32)rtnl_addr_get_ifindex(entry) != gathering->ifindex || !local ||
	    gathering->count == gathering->room)
		return;
	if (nl_addr_get_family(local) == AF_INET) {
		memcpy(&ipv4, nl_addr_get_binary_addr(local), sizeof(ipv4));
		address_from_ipv4(ipv4, gathering->addresses[gathering->count++]);
	} else if (nl_addr_get_family(local) == AF_INET6) {
		memcpy(gathering->addresses[gathering->count++], nl_addr_get_binary_addr(local),
		       16);
	}
}

int link_addresses(__u32 ifindex, __u64 (*addresses)[2], size_t room)
{
	struct gathering gathering = {ifindex, addresses, room, 0};
	struct nl_sock *socket = nl_socket_alloc();
	struct nl_cache *cache;
	int error = socket ? 0 : -ENOMEM;

	if (!error && (nl_connect(socket, NETLINK_ROUTE) || rtnl_addr_alloc_cache(socket, &cache)))
		error = -EIO;
	if (!error) {
		nl_cache_foreach(cache, gather, &gathering);
		nl_cache_free(cache);
	}
	nl_socket_free(socket);
	return error ? error : (int)gathering.count;
}
