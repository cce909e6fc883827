// SPDX-License-Identifier: GPL-2.0-only
#include "link.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <stdbool.h>
#include <string.h>

#include "address.h"

/* What the kernel answers to "by which way would you send to this address?" */
struct way {
	struct nl_addr *neighbour; /* gateway, or the address itself; owned */
	__u32 ifindex;
	__u32 mtu; /* the route's own; 0 = the interface's */
	bool is_routed;
};

static struct nl_addr *address_build(const __u64 address[2])
{
	const unsigned char *bytes = (const unsigned char *)address;

	if (address_is_ipv4(address))
		return nl_addr_build(AF_INET, bytes + 12, 4);
	return nl_addr_build(AF_INET6, bytes, 16);
}

static int take_route(struct nl_msg *message, void *argument)
{
	struct way *way = argument;
	struct rtnl_route *route;
	struct rtnl_nexthop *next;

	if (rtnl_route_parse(nlmsg_hdr(message), &route) < 0)
		return NL_SKIP;
	next = rtnl_route_get_nnexthops(route) ? rtnl_route_nexthop_n(route, 0) : NULL;
	if (next && rtnl_route_get_type(route) == RTN_UNICAST) {
		way->ifindex = rtnl_route_nh_get_ifindex(next);
		if (rtnl_route_get_metric(route, RTAX_MTU, &way->mtu))
			way->mtu = 0;
		if (rtnl_route_nh_get_gateway(next)) {
			nl_addr_put(way->neighbour);
			way->neighbour = nl_addr_clone(rtnl_route_nh_get_gateway(next));
			way->is_routed = true;
		}
	}
	rtnl_route_put(route);
	return NL_OK;
}

static int ask_route(struct nl_sock *socket, struct way *way)
{
	struct rtmsg request = {
		.rtm_family = nl_addr_get_family(way->neighbour),
		.rtm_dst_len = nl_addr_get_prefixlen(way->neighbour),
	};
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETROUTE, 0);
	int error = -NLE_NOMEM;

	if (!message)
		return -ENOMEM;
	if (!nlmsg_append(message, &request, sizeof(request), NLMSG_ALIGNTO) &&
	    !nla_put_addr(message, RTA_DST, way->neighbour))
		error = nl_send_auto(socket, message);
	nlmsg_free(message);
	nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, take_route, way);
	if (error >= 0)
		error = nl_recvmsgs_default(socket);
	return error < 0 || !way->ifindex ? LINK_NO_ROUTE : 0;
}

static __u64 mac_word(struct nl_addr *address)
{
	__u64 word = 0;

	if (address && nl_addr_get_len(address) == 6)
		memcpy(&word, nl_addr_get_binary_addr(address), 6);
	return word;
}

static __u64 neighbour_mac(struct nl_sock *socket, const struct way *way)
{
	struct nl_cache *cache;
	struct rtnl_neigh *neighbour;
	__u64 word = 0;

	if (rtnl_neigh_alloc_cache(socket, &cache))
		return 0;
	neighbour = rtnl_neigh_get(cache, way->ifindex, way->neighbour);
	if (neighbour) {
		if (rtnl_neigh_get_state(neighbour) &
		    (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY))
			word = mac_word(rtnl_neigh_get_lladdr(neighbour));
		rtnl_neigh_put(neighbour);
	}
	nl_cache_free(cache);
	return word;
}

/*
 * Has the kernel find the neighbour, as if it had a packet for it. Not for one
 * that is known: that would make a permanent entry a passing one.
 */
static void ask_neighbour(struct nl_sock *socket, const struct way *way)
{
	struct rtnl_neigh *neighbour = rtnl_neigh_alloc();

	if (!neighbour)
		return;
	rtnl_neigh_set_ifindex(neighbour, way->ifindex);
	rtnl_neigh_set_dst(neighbour, way->neighbour);
	rtnl_neigh_set_flags(neighbour, NTF_USE);
	rtnl_neigh_add(socket, neighbour, NLM_F_CREATE);
	rtnl_neigh_put(neighbour);
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

static int find_hop(struct nl_sock *socket, struct way *way, struct link_hop *hop)
{
	int error = ask_route(socket, way);

	if (error)
		return error;
	*hop = (struct link_hop){
		.to = neighbour_mac(socket, way),
		.ifindex = way->ifindex,
		.mtu = way->mtu,
		.is_routed = way->is_routed,
	};
	see_interface(socket, hop);
	if (!hop->to)
		ask_neighbour(socket, way);
	return hop->to && hop->from ? 0 : LINK_UNRESOLVED;
}

int link_next_hop(const __u64 address[2], struct link_hop *hop)
{
	struct nl_sock *socket = nl_socket_alloc();
	struct way way = {.neighbour = address_build(address)};
	int error = -ENOMEM;

	if (socket && way.neighbour) {
		error = nl_connect(socket, NETLINK_ROUTE) ? -EIO : 0;
		nl_socket_disable_auto_ack(socket);
		if (!error)
			error = find_hop(socket, &way, hop);
	}
	nl_addr_put(way.neighbour);
	nl_socket_free(socket);
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
