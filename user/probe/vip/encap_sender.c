// SPDX-License-Identifier: GPL-2.0-only
#include "probe/vip/encap_sender.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/socket_address.h"
#include "lb/abi.h"
#include "probe/vip/socket_filter.h"

#define GUE_PORT 6080

/*
 * Returns a socket for sending only, or a negative errno. A raw socket would otherwise receive
 * every tunnel packet that arrives at this host.
 */
static int open_socket(enum encap_kind kind, bool ipv4)
{
	static const int types[] = {SOCK_DGRAM, SOCK_DGRAM, SOCK_RAW, SOCK_RAW};
	static const int protocols[] = {0, 0, IPPROTO_IPIP, IPPROTO_IPV6};
	int family = kind == ENCAP_FRAME ? AF_PACKET : ipv4 ? AF_INET : AF_INET6;
	int fd = socket(family, types[kind] | SOCK_NONBLOCK | SOCK_CLOEXEC, protocols[kind]);
	int error = fd < 0 ? -errno : socket_filter_drop_all(fd);

	if (!error)
		return fd;
	cleanup_close(&fd);
	return error;
}

/* Returns the cached or new socket of this kind, or a negative errno. */
static int get_socket(struct encap_sender *encap_sender, enum encap_kind kind, bool ipv4)
{
	int *cached = &encap_sender->fd[kind][ipv4], fd;

	if (*cached >= 0)
		return *cached;
	fd = open_socket(kind, ipv4);
	if (fd >= 0)
		*cached = fd;
	return fd;
}

/* Resolves and caches the next hop. Returns 0, ENCAP_UNRESOLVED or a negative errno. */
static int find_nexthop(struct encap_dest *dest)
{
	int error = dest->nexthop.to ? 0 : route_find_nexthop(dest->backend, &dest->nexthop);

	return error == ROUTE_UNRESOLVED ? ENCAP_UNRESOLVED : error > 0 ? -ENETUNREACH : error;
}

static int send_frame(struct encap_sender *encap_sender, struct encap_dest *dest,
		      const __u8 *packet, size_t length)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_halen = ETH_ALEN};
	int fd = get_socket(encap_sender, ENCAP_FRAME, false), error;

	if (fd < 0)
		return fd;
	error = find_nexthop(dest);
	if (error)
		return error;
	to.sll_ifindex = dest->nexthop.ifindex;
	to.sll_protocol = htons(packet[0] >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6);
	memcpy(to.sll_addr, &dest->nexthop.to, ETH_ALEN);
	return sendto(fd, packet, length, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

/* The kernel builds the outer headers. */
static int send_encapsulated(struct encap_sender *encap_sender, enum encap_kind kind,
			     const __u64 backend[2], __u16 port, const __u8 *packet, size_t length)
{
	int fd = get_socket(encap_sender, kind, address_is_ipv4(backend));
	struct socket_address to;

	if (fd < 0)
		return fd;
	socket_address_set(&to, backend, htons(port));
	return sendto(fd, packet, length, 0, &to.any, to.length) < 0 ? -errno : 0;
}

int encap_sender_send(struct encap_sender *encap_sender, struct encap_dest *dest,
		      const __u8 *packet, size_t length)
{
	enum encap_kind inner = packet[0] >> 4 == 4 ? ENCAP_IPIP : ENCAP_IPV6;

	switch (dest->forward) {
	case LB_FORWARD_DSR:
		return send_frame(encap_sender, dest, packet, length);
	case LB_FORWARD_IPIP:
		return send_encapsulated(encap_sender, inner, dest->backend, 0, packet, length);
	case LB_FORWARD_GUE:
		return send_encapsulated(encap_sender, ENCAP_UDP, dest->backend, GUE_PORT, packet,
					 length);
	default:
		return -EINVAL;
	}
}

void encap_sender_init(struct encap_sender *encap_sender)
{
	for (size_t i = 0; i < ENCAP_KINDS; i++)
		encap_sender->fd[i][false] = encap_sender->fd[i][true] = -1;
}

void encap_sender_destroy(struct encap_sender *encap_sender)
{
	for (size_t i = 0; i < ENCAP_KINDS; i++) {
		cleanup_close(&encap_sender->fd[i][false]);
		cleanup_close(&encap_sender->fd[i][true]);
	}
}
