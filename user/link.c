// SPDX-License-Identifier: GPL-2.0-only
#include "link.h"

#include <errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <stdbool.h>
#include <string.h>

#include "address.h"
#include "way.h"

static __u64 mac_word(struct nl_addr *address)
{
	__u64 word = 0;

	if (address && nl_addr_get_len(address) == 6)
		memcpy(&word, nl_addr_get_binary_addr(address), 6);
	return word;
}

static void see_interface(struct nl_sock *socket, struct link_hop *hop)
{
	struct rtnl_link *link;
	unsigned int mtu;

	if (rtnl_link_get_kernel(socket, hop->ifindex, NULL, &link))
		return;
	hop->from = mac_word(rtnl_link_get_addr(link));
	mtu = rtnl_link_get_mtu(link);
	if (!hop->mtu || hop->mtu > mtu)
		hop->mtu = mtu > 0xffff ? 0xffff : mtu;
	rtnl_link_put(link);
}

static int find_hop(struct nl_sock *socket, const __u64 address[2], struct link_hop *hop)
{
	struct way_neighbour neighbour = {0};
	struct way way;

	way_ask(socket, address, &way);
	if (!way.ifindex)
		return LINK_NO_ROUTE;
	memcpy(neighbour.address, way.neighbour, sizeof(neighbour.address));
	neighbour.ifindex = way.ifindex;
	way_ask_neighbour(socket, &neighbour);
	*hop = (struct link_hop){
		.to = neighbour.mac,
		.ifindex = way.ifindex,
		.mtu = way.mtu,
		.is_routed = way.is_routed,
	};
	see_interface(socket, hop);
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
