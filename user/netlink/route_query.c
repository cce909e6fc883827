// SPDX-License-Identifier: GPL-2.0-only
#include "netlink/route_query.h"

#include <linux/neighbour.h>
#include <netlink/netlink.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <string.h>

#include "base/address.h"

#define NUD_KNOWN (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

struct nl_sock *route_query_open(bool is_query)
{
	struct nl_sock *socket = nl_socket_alloc();

	if (!socket)
		return NULL;
	if (is_query)
		nl_socket_disable_auto_ack(socket);
	if (!nl_connect(socket, NETLINK_ROUTE))
		return socket;
	nl_socket_free(socket);
	return NULL;
}

void route_query_close(struct nl_sock *socket)
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

/* Returns false unless the address has four or sixteen bytes. */
static bool read_address(const void *bytes, int length, __u64 address[2])
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

static void read_gateway(struct rtnl_nexthop *nexthop, struct route *route)
{
	struct nl_addr *gateway = rtnl_route_nh_get_gateway(nexthop);

	if (!gateway)
		gateway = rtnl_route_nh_get_via(nexthop);
	if (gateway && read_address(nl_addr_get_binary_addr(gateway), nl_addr_get_len(gateway),
				    route->neighbour))
		route->is_routed = true;
}

static int receive_route(struct nl_msg *message, void *argument)
{
	struct route *route = argument;
	struct rtnl_route *result;
	struct rtnl_nexthop *nexthop;

	if (rtnl_route_parse(nlmsg_hdr(message), &result) < 0)
		return NL_SKIP;
	nexthop = rtnl_route_get_nnexthops(result) ? rtnl_route_nexthop_n(result, 0) : NULL;
	if (nexthop && rtnl_route_get_type(result) == RTN_UNICAST) {
		route->ifindex = rtnl_route_nh_get_ifindex(nexthop);
		if (rtnl_route_get_metric(result, RTAX_MTU, &route->mtu))
			route->mtu = 0;
		read_gateway(nexthop, route);
	}
	rtnl_route_put(result);
	return NL_OK;
}

/* Sends a query and passes the answer to a callback. */
static void send_query(struct nl_sock *socket, struct nl_msg *message, nl_recvmsg_msg_cb_t receive,
		       void *argument)
{
	nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, receive, argument);
	if (nl_send_auto(socket, message) >= 0)
		nl_recvmsgs_default(socket);
}

void route_query_lookup(struct nl_sock *socket, const __u64 address[2], struct route *route)
{
	struct rtmsg request = {
		.rtm_family = family_of(address),
		.rtm_dst_len = address_is_ipv4(address) ? 32 : 128,
	};
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETROUTE, 0);

	*route = (struct route){.neighbour = {address[0], address[1]}};
	if (message && !nlmsg_append(message, &request, sizeof(request), NLMSG_ALIGNTO) &&
	    !put_address(message, RTA_DST, address))
		send_query(socket, message, receive_route, route);
	nlmsg_free(message);
}

/* Reads all of a neighbour except its address and interface. */
static void read_state(const struct ndmsg *header, struct nlattr **attributes,
		       struct nexthop_neighbour *neighbour)
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

bool route_query_parse_neighbour(struct nlmsghdr *message, struct nexthop_neighbour *neighbour)
{
	const struct ndmsg *header = nlmsg_data(message);
	struct nlattr *attributes[NDA_MAX + 1];

	if (nlmsg_parse(message, sizeof(*header), attributes, NDA_MAX, NULL) ||
	    !attributes[NDA_DST] || header->ndm_flags & NTF_PROXY ||
	    (header->ndm_family != AF_INET && header->ndm_family != AF_INET6) ||
	    !read_address(nla_data(attributes[NDA_DST]), nla_len(attributes[NDA_DST]),
			  neighbour->address))
		return false;
	neighbour->ifindex = header->ndm_ifindex;
	read_state(header, attributes, neighbour);
	if (message->nlmsg_type == RTM_DELNEIGH)
		neighbour->mac = neighbour->is_fixed = neighbour->is_reachable = 0;
	return true;
}

static int receive_neighbour(struct nl_msg *message, void *argument)
{
	route_query_parse_neighbour(nlmsg_hdr(message), argument);
	return NL_OK;
}

static struct nl_msg *build_neighbour(int type, int flags, const struct ndmsg *header,
				      const struct nexthop_neighbour *neighbour)
{
	struct nl_msg *message = nlmsg_alloc_simple(type, flags);

	if (message && !nlmsg_append(message, (void *)header, sizeof(*header), NLMSG_ALIGNTO) &&
	    !put_address(message, NDA_DST, neighbour->address))
		return message;
	nlmsg_free(message);
	return NULL;
}

void route_query_neighbour(struct nl_sock *socket, struct nexthop_neighbour *neighbour)
{
	const struct ndmsg header = {
		.ndm_family = family_of(neighbour->address),
		.ndm_ifindex = neighbour->ifindex,
	};
	struct nl_msg *message = build_neighbour(RTM_GETNEIGH, 0, &header, neighbour);

	neighbour->mac = 0;
	neighbour->is_fixed = neighbour->is_reachable = false;
	if (message)
		send_query(socket, message, receive_neighbour, neighbour);
	nlmsg_free(message);
}

bool route_query_parse_link(struct nlmsghdr *message, __u32 *ifindex, struct nexthop_link *link)
{
	const struct ifinfomsg *header = nlmsg_data(message);
	struct nlattr *attributes[IFLA_MAX + 1];

	if (header->ifi_family != AF_UNSPEC ||
	    nlmsg_parse(message, sizeof(*header), attributes, IFLA_MAX, NULL))
		return false;
	*ifindex = header->ifi_index;
	*link = (struct nexthop_link){0};
	if (attributes[IFLA_ADDRESS] && nla_len(attributes[IFLA_ADDRESS]) == 6)
		memcpy(&link->mac, nla_data(attributes[IFLA_ADDRESS]), 6);
	if (attributes[IFLA_MTU])
		link->mtu = nla_get_u32(attributes[IFLA_MTU]);
	return true;
}

static int receive_link(struct nl_msg *message, void *argument)
{
	__u32 ifindex;

	route_query_parse_link(nlmsg_hdr(message), &ifindex, argument);
	return NL_OK;
}

void route_query_link(struct nl_sock *socket, __u32 ifindex, struct nexthop_link *link)
{
	struct ifinfomsg request = {.ifi_index = ifindex};
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETLINK, 0);

	*link = (struct nexthop_link){0};
	if (message && !nlmsg_append(message, &request, sizeof(request), NLMSG_ALIGNTO))
		send_query(socket, message, receive_link, link);
	nlmsg_free(message);
}

static void set_state(struct nl_sock *socket, const struct nexthop_neighbour *neighbour,
		      __u16 state, __u8 flags)
{
	const struct ndmsg header = {
		.ndm_family = family_of(neighbour->address),
		.ndm_ifindex = neighbour->ifindex,
		.ndm_state = state,
		.ndm_flags = flags,
	};
	struct nl_msg *message =
		build_neighbour(RTM_NEWNEIGH, flags ? NLM_F_CREATE : 0, &header, neighbour);

	if (message)
		nl_send_sync(socket, message); /* which frees it */
}

void neighbour_command(struct nl_sock *socket, const struct nexthop_neighbour *neighbour,
		       enum neighbour_command command)
{
	switch (command) {
	case NEIGHBOUR_RECONFIRM:
		set_state(socket, neighbour, NUD_STALE, 0);
		/* fall through */
	case NEIGHBOUR_CONFIRM:
		set_state(socket, neighbour, NUD_PROBE, 0);
		break;
	case NEIGHBOUR_INVALIDATE:
		set_state(socket, neighbour, NUD_FAILED, 0);
		/* fall through */
	case NEIGHBOUR_RESOLVE:
		set_state(socket, neighbour, 0, NTF_USE);
	}
}
