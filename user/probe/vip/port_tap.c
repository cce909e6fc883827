// SPDX-License-Identifier: GPL-2.0-only
#include "probe/vip/port_tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Where rows are looked for, and how often. */
#define FIRST_PORT 20000U
#define LAST_PORT  60000U
#define ATTEMPTS   64

#define WHOLE_PACKET 0xffffffff

static int filter(int fd, struct sock_filter *code, size_t length)
{
	struct sock_fprog program = {.len = length, .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}

static int drop_all(int fd)
{
	struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};

	return filter(fd, code, 1);
}

/* Lets through what is for one of the rows. */
static int filter_blocks(const struct port_tap *port_tap, int fd, const struct sock_filter *head,
			 size_t head_length)
{
	struct sock_filter code[16 + PORT_TAP_BLOCKS];
	size_t length = 0, blocks = port_tap->blocks;

	while (length < head_length) {
		code[length] = head[length];
		length++;
	}
	code[length++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
						      0xffff & ~(PORT_TAP_BLOCK - 1));
	for (size_t i = 0; i < blocks; i++)
		code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							      port_tap->base[i], blocks - i, 0);
	code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, WHOLE_PACKET);
	return filter(fd, code, length);
}

/* Up to the destination port of TCP. */
static int filter_ipv4(const struct port_tap *port_tap)
{
	const struct sock_filter head[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
	};

	return filter_blocks(port_tap, port_tap->ipv4, head, sizeof(head) / sizeof(head[0]));
}

static int filter_ipv6(const struct port_tap *port_tap)
{
	const struct sock_filter head[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 42),
	};

	return filter_blocks(port_tap, port_tap->ipv6, head, sizeof(head) / sizeof(head[0]));
}

/* Sees what comes in, and not what goes out; nothing at all, before it was told what. */
static int open_capture(__u16 protocol)
{
	struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol)};
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = fd < 0 ? -errno : drop_all(fd);

	if (!error && bind(fd, (struct sockaddr *)&all, sizeof(all)))
		error = -errno;
	if (!error)
		return fd;
	cleanup_close(&fd);
	return error;
}

/* For both IP versions, where there are both. */
static int open_listener(__u16 port)
{
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), error = 0, off = 0;
	bool both = fd >= 0;

	if (!both)
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (both)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	error = drop_all(fd);
	if (!error && (both ? bind(fd, (struct sockaddr *)&ipv6, sizeof(ipv6))
			    : bind(fd, (struct sockaddr *)&ipv4, sizeof(ipv4))))
		error = -errno;
	if (!error && listen(fd, 1))
		error = -errno;
	if (!error)
		return fd;
	close(fd);
	return error;
}

/* All of its ports, or none. */
static int open_block(struct port_tap *port_tap, __u16 base)
{
	int *listener = port_tap->listener + port_tap->blocks * PORT_TAP_BLOCK;

	for (size_t i = 0; i < PORT_TAP_BLOCK; i++) {
		listener[i] = open_listener(base + i);
		if (listener[i] >= 0)
			continue;
		for (size_t j = 0; j < i; j++)
			close(listener[j]);
		return listener[i];
	}
	port_tap->base[port_tap->blocks++] = base;
	return 0;
}

int port_tap_grow(struct port_tap *port_tap)
{
	int error = -EAGAIN;

	if (port_tap->blocks == PORT_TAP_BLOCKS)
		return error;
	for (int i = 0; error && i < ATTEMPTS; i++) {
		__u32 random;

		if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
			return -errno;
		error = open_block(port_tap, (FIRST_PORT + random % (LAST_PORT - FIRST_PORT)) &
						     ~(PORT_TAP_BLOCK - 1));
		if (error && error != -EADDRINUSE)
			return error;
	}
	if (!error)
		error = filter_ipv4(port_tap);
	return error ? error : filter_ipv6(port_tap);
}

int port_tap_create(struct port_tap *port_tap)
{
	*port_tap = (struct port_tap){.ipv4 = open_capture(ETH_P_IP), .ipv6 = -1};
	if (port_tap->ipv4 < 0)
		return port_tap->ipv4;
	port_tap->ipv6 = open_capture(ETH_P_IPV6);
	if (port_tap->ipv6 < 0) {
		close(port_tap->ipv4);
		return port_tap->ipv6;
	}
	return 0;
}

void port_tap_destroy(struct port_tap *port_tap)
{
	cleanup_close(&port_tap->ipv4);
	cleanup_close(&port_tap->ipv6);
	for (size_t i = 0; i < port_tap->blocks * PORT_TAP_BLOCK; i++)
		close(port_tap->listener[i]);
}

int port_tap_index(const struct port_tap *port_tap, __be16 port)
{
	__u16 number = ntohs(port);

	for (size_t i = 0; i < port_tap->blocks; i++)
		if ((number & ~(PORT_TAP_BLOCK - 1)) == port_tap->base[i])
			return i * PORT_TAP_BLOCK + number % PORT_TAP_BLOCK;
	return -1;
}

__be16 port_tap_port(const struct port_tap *port_tap, size_t index)
{
	return htons(port_tap->base[index / PORT_TAP_BLOCK] + index % PORT_TAP_BLOCK);
}
