// SPDX-License-Identifier: GPL-2.0-only
#include "probe/vip/encap_sender.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "lb/abi.h"

#define GUE_PORT 6080

static int open_socket(enum carrier_kind kind, bool ipv4)
{
	static const int types[] = {SOCK_DGRAM, SOCK_DGRAM, SOCK_RAW, SOCK_RAW};
	static const int protocols[] = {0, 0, IPPROTO_IPIP, IPPROTO_IPV6};
	int family = kind == CARRIER_FRAME ? AF_PACKET : ipv4 ? AF_INET : AF_INET6;

	return socket(family, types[kind] | SOCK_NONBLOCK | SOCK_CLOEXEC, protocols[kind]);
}

/* For sending only: a raw socket would be told of all tunnels that end here. */
static int deafen(int fd)
{
	struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_fprog nothing = {.len = 1, .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &nothing, sizeof(nothing));
}

/* The socket of this kind, or negative errno. */
static int find(struct carrier *carrier, enum carrier_kind kind, bool ipv4)
{
	int *fd = &carrier->fd[kind][ipv4];

	if (*fd)
		return *fd;
	*fd = open_socket(kind, ipv4);
	if (*fd >= 0 && !deafen(*fd))
		return *fd;
	if (*fd >= 0)
		close(*fd);
	*fd = 0;
	return -errno;
}

static int find_hop(struct carrier_goal *goal)
{
	int error = goal->hop.to ? 0 : link_next_hop(goal->backend, &goal->hop);

	return error == LINK_UNRESOLVED ? CARRIER_UNRESOLVED : error > 0 ? -ENETUNREACH : error;
}

static int send_frame(struct carrier *carrier, struct carrier_goal *goal, const __u8 *packet,
		      size_t length)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_halen = ETH_ALEN};
	int fd = find(carrier, CARRIER_FRAME, false), error;

	if (fd < 0)
		return fd;
	error = find_hop(goal);
	if (error)
		return error;
	to.sll_ifindex = goal->hop.ifindex;
	to.sll_protocol = htons(packet[0] >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6);
	memcpy(to.sll_addr, &goal->hop.to, ETH_ALEN);
	return sendto(fd, packet, length, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

/* The outer headers are made by the kernel. */
static int send_tunnelled(struct carrier *carrier, enum carrier_kind kind, const __u64 backend[2],
			  __u16 port, const __u8 *packet, size_t length)
{
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	bool is_ipv4 = address_is_ipv4(backend);
	int fd = find(carrier, kind, is_ipv4);
	ssize_t sent;

	if (fd < 0)
		return fd;
	ipv4.sin_addr.s_addr = address_to_ipv4(backend);
	memcpy(&ipv6.sin6_addr, backend, sizeof(ipv6.sin6_addr));
	sent = is_ipv4 ? sendto(fd, packet, length, 0, (struct sockaddr *)&ipv4, sizeof(ipv4))
		       : sendto(fd, packet, length, 0, (struct sockaddr *)&ipv6, sizeof(ipv6));
	return sent < 0 ? -errno : 0;
}

int carrier_send(struct carrier *carrier, struct carrier_goal *goal, const __u8 *packet,
		 size_t length)
{
	enum carrier_kind inside = packet[0] >> 4 == 4 ? CARRIER_IPIP : CARRIER_IPV6;

	switch (goal->forward) {
	case LB_FORWARD_DSR:
		return send_frame(carrier, goal, packet, length);
	case LB_FORWARD_IPIP:
		return send_tunnelled(carrier, inside, goal->backend, 0, packet, length);
	case LB_FORWARD_GUE:
		return send_tunnelled(carrier, CARRIER_UDP, goal->backend, GUE_PORT, packet,
				      length);
	default:
		return -EINVAL;
	}
}

void carrier_destroy(struct carrier *carrier)
{
	for (size_t i = 0; i < CARRIER_KINDS * 2; i++)
		if (carrier->fd[i / 2][i % 2])
			close(carrier->fd[i / 2][i % 2]);
}
