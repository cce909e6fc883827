// SPDX-License-Identifier: GPL-2.0-only
#include "netlink/route_query.h"

#include <linux/neighbour.h>
#include <netlink/netlink.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <string.h>

#include "base/address.h"

#define NUD_KNOWN (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

struct nl_sock *way_open(bool asks)
{
	struct nl_sock *socket = nl_socket_alloc();

	if (!socket)
		return NULL;
	if (asks)
		nl_socket_disable_auto_ack(socket);
	if (!nl_connect(socket, NETLINK_ROUTE))
		return socket;
	nl_socket_free(socket);
	return NULL;
}

void way_close(struct nl_sock *socket)
{
	nl_socket_free(socket);
}

static const void *address_bytes(const __u64 address[2], int *length)
{
	bool is_ipv4 = address_is_ipv4(address);

	*length = is_ipv4 ? 4 : 16;
	return (const unsigned char *)address + (is_ipv4 ? 12 : 0);
}

static int put_address(struct nl_msg *message, int attribute, const __u64 address[2])
{
	int length;
	const void *bytes = address_bytes(address, &length);

	return nla_put(message, attribute, length, bytes);
}

static unsigned char family_of(const __u64 address[2])
{
	return address_is_ipv4(address) ? AF_INET : AF_INET6;
}

/* Of four or sixteen bytes; others are no address of ours. */
static bool take_address(const void *bytes, int length, __u64 address[2])
{
	__be32 ipv4;

	if (length == 4) {
		memcpy(&ipv4, bytes, sizeof(ipv4));
		address_from_ipv4(ipv4, address);
	} else if (length == 16) {
		memcpy(address, bytes, 16);
	}
	return length == 4 || length == 16;
}

static void take_gateway(struct rtnl_nexthop *next, struct way *way)
{
	struct nl_addr *gateway = rtnl_route_nh_get_gateway(next);

	if (!gateway)
		gateway = rtnl_route_nh_get_via(next);
	if (gateway && take_address(nl_addr_get_binary_addr(gateway), nl_addr_get_len(gateway),
				    way->neighbour))
		way->is_routed = true;
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
		take_gateway(next, way);
	}
	rtnl_route_put(route);
	return NL_OK;
}

/* Sends a question of one attribute, and has its answer taken. */
static void ask(struct nl_sock *socket, struct nl_msg *message, nl_recvmsg_msg_cb_t take,
		void *argument)
{
	nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, take, argument);
	if (nl_send_auto(socket, message) >= 0)
		nl_recvmsgs_default(socket);
}

void way_ask(struct nl_sock *socket, const __u64 address[2], struct way *way)
{
	struct rtmsg request = {
		.rtm_family = family_of(address),
		.rtm_dst_len = address_is_ipv4(address) ? 32 : 128,
	};
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETROUTE, 0);

	*way = (struct way){.neighbour = {address[0], address[1]}};
	if (message && !nlmsg_append(message, &request, sizeof(request), NLMSG_ALIGNTO) &&
	    !put_address(message, RTA_DST, address))
		ask(socket, message, take_route, way);
	nlmsg_free(message);
}

/* What the message says of the neighbour, whoever it is. */
static void take_state(const struct ndmsg *header, struct nlattr **attributes,
		       struct way_neighbour *neighbour)
{
	__u32 extended = attributes[NDA_FLAGS_EXT] ? nla_get_u32(attributes[NDA_FLAGS_EXT]) : 0;

	neighbour->mac = 0;
	if (header->ndm_state & NUD_KNOWN && attributes[NDA_LLADDR] &&
	    nla_len(attributes[NDA_LLADDR]) == 6)
		memcpy(&neighbour->mac, nla_data(attributes[NDA_LLADDR]), 6);
	neighbour->is_fixed = header->ndm_state & (NUD_PERMANENT | NUD_NOARP) ||
			      header->ndm_flags & NTF_EXT_LEARNED || extended & NTF_EXT_MANAGED;
	neighbour->is_reachable = header->ndm_state & NUD_REACHABLE;
}

bool way_read_neighbour(struct nlmsghdr *message, struct way_neighbour *neighbour)
{
	const struct ndmsg *header = nlmsg_data(message);
	struct nlattr *attributes[NDA_MAX + 1];

	if (nlmsg_parse(message, sizeof(*header), attributes, NDA_MAX, NULL) ||
	    !attributes[NDA_DST] || header->ndm_flags & NTF_PROXY ||
	    (header->ndm_family != AF_INET && header->ndm_family != AF_INET6) ||
	    !take_address(nla_data(attributes[NDA_DST]), nla_len(attributes[NDA_DST]),
			  neighbour->address))
		return false;
	neighbour->ifindex = header->ndm_ifindex;
	take_state(header, attributes, neighbour);
	if (message->nlmsg_type == RTM_DELNEIGH)
		neighbour->mac = neighbour->is_fixed = neighbour->is_reachable = 0;
	return true;
}

static int take_neighbour(struct nl_msg *message, void *argument)
{
	way_read_neighbour(nlmsg_hdr(message), argument);
	return NL_OK;
}

static struct nl_msg *neighbour_message(int type, int flags, const struct ndmsg *header,
					const struct way_neighbour *neighbour)
{
	struct nl_msg *message = nlmsg_alloc_simple(type, flags);

	if (message && !nlmsg_append(message, (void *)header, sizeof(*header), NLMSG_ALIGNTO) &&
	    !put_address(message, NDA_DST, neighbour->address))
		return message;
	nlmsg_free(message);
	return NULL;
}

void way_ask_neighbour(struct nl_sock *socket, struct way_neighbour *neighbour)
{
	const struct ndmsg header = {
		.ndm_family = family_of(neighbour->address),
		.ndm_ifindex = neighbour->ifindex,
	};
	struct nl_msg *message = neighbour_message(RTM_GETNEIGH, 0, &header, neighbour);

	neighbour->mac = 0;
	neighbour->is_fixed = neighbour->is_reachable = false;
	if (message)
		ask(socket, message, take_neighbour, neighbour);
	nlmsg_free(message);
}

bool way_read_link(struct nlmsghdr *message, __u32 *ifindex, struct way_link *link)
{
	const struct ifinfomsg *header = nlmsg_data(message);
	struct nlattr *attributes[IFLA_MAX + 1];

	if (header->ifi_family != AF_UNSPEC ||
	    nlmsg_parse(message, sizeof(*header), attributes, IFLA_MAX, NULL))
		return false;
	*ifindex = header->ifi_index;
	*link = (struct way_link){0};
	if (attributes[IFLA_ADDRESS] && nla_len(attributes[IFLA_ADDRESS]) == 6)
		memcpy(&link->mac, nla_data(attributes[IFLA_ADDRESS]), 6);
	if (attributes[IFLA_MTU])
		link->mtu = nla_get_u32(attributes[IFLA_MTU]);
	return true;
}

static int take_link(struct nl_msg *message, void *argument)
{
	__u32 ifindex;

	way_read_link(nlmsg_hdr(message), &ifindex, argument);
	return NL_OK;
}

void way_ask_link(struct nl_sock *socket, __u32 ifindex, struct way_link *link)
{
	struct ifinfomsg request = {.ifi_index = ifindex};
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETLINK, 0);

	*link = (struct way_link){0};
	if (message && !nlmsg_append(message, &request, sizeof(request), NLMSG_ALIGNTO))
		ask(socket, message, take_link, link);
	nlmsg_free(message);
}

static void order_state(struct nl_sock *socket, const struct way_neighbour *neighbour, __u16 state,
			__u8 flags)
{
	const struct ndmsg header = {
		.ndm_family = family_of(neighbour->address),
		.ndm_ifindex = neighbour->ifindex,
		.ndm_state = state,
		.ndm_flags = flags,
	};
	struct nl_msg *message =
		neighbour_message(RTM_NEWNEIGH, flags ? NLM_F_CREATE : 0, &header, neighbour);

	if (message)
		nl_send_sync(socket, message); /* which frees it */
}

void way_order(struct nl_sock *socket, const struct way_neighbour *neighbour, enum way_order order)
{
	switch (order) {
	case WAY_REPEAT:
		order_state(socket, neighbour, NUD_STALE, 0);
		/* fall through */
	case WAY_CONFIRM:
		order_state(socket, neighbour, NUD_PROBE, 0);
		break;
	case WAY_DOUBT:
		order_state(socket, neighbour, NUD_FAILED, 0);
		/* fall through */
	case WAY_RESOLVE:
		order_state(socket, neighbour, 0, NTF_USE);
	}
}
