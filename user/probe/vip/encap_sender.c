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

static int open_socket(enum encap_kind kind, bool ipv4)
{
	static const int types[] = {SOCK_DGRAM, SOCK_DGRAM, SOCK_RAW, SOCK_RAW};
	static const int protocols[] = {0, 0, IPPROTO_IPIP, IPPROTO_IPV6};
	int family = kind == ENCAP_FRAME ? AF_PACKET : ipv4 ? AF_INET : AF_INET6;

	return socket(family, types[kind] | SOCK_NONBLOCK | SOCK_CLOEXEC, protocols[kind]);
}

/* For sending only: a raw socket would be told of all tunnels that end here. */
static int block_receive(int fd)
{
	struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
	struct sock_fprog program = {.len = 1, .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* The socket of this kind, or negative errno. */
static int get_socket(struct encap_sender *encap_sender, enum encap_kind kind, bool ipv4)
{
	int *fd = &encap_sender->fd[kind][ipv4];

	if (*fd)
		return *fd;
	*fd = open_socket(kind, ipv4);
	if (*fd >= 0 && !block_receive(*fd))
		return *fd;
	if (*fd >= 0)
		close(*fd);
	*fd = 0;
	return -errno;
}

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

/* The outer headers are made by the kernel. */
static int send_encapsulated(struct encap_sender *encap_sender, enum encap_kind kind,
			     const __u64 backend[2], __u16 port, const __u8 *packet, size_t length)
{
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	bool is_ipv4 = address_is_ipv4(backend);
	int fd = get_socket(encap_sender, kind, is_ipv4);
	ssize_t sent;

	if (fd < 0)
		return fd;
	ipv4.sin_addr.s_addr = address_to_ipv4(backend);
	memcpy(&ipv6.sin6_addr, backend, sizeof(ipv6.sin6_addr));
	sent = is_ipv4 ? sendto(fd, packet, length, 0, (struct sockaddr *)&ipv4, sizeof(ipv4))
		       : sendto(fd, packet, length, 0, (struct sockaddr *)&ipv6, sizeof(ipv6));
	return sent < 0 ? -errno : 0;
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

void encap_sender_destroy(struct encap_sender *encap_sender)
{
	for (size_t i = 0; i < ENCAP_KINDS * 2; i++)
		if (encap_sender->fd[i / 2][i % 2])
			close(encap_sender->fd[i / 2][i % 2]);
}
