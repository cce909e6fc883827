// SPDX-License-Identifier: GPL-2.0-only
#include "probe/vip/port_tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/socket_address.h"
#include "probe/vip/socket_filter.h"

/* Range of the blocks, and attempts to find a free one. */
#define FIRST_PORT 20000U
#define LAST_PORT  60000U
#define ATTEMPTS   64

#define WHOLE_PACKET 0xffffffff

/*
 * Attaches a filter that accepts the ports of all blocks. `head` loads the destination port, or
 * drops the packet.
 */
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
	return socket_filter_attach(fd, code, length);
}

/* Loads the destination port of an unfragmented TCP packet. */
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

/*
 * Returns a packet socket that receives packets of the protocol, or a negative errno. It drops
 * everything until the first block is reserved.
 */
static int open_capture(__u16 protocol)
{
	struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol)};
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = fd < 0 ? -errno : socket_filter_drop_all(fd);

	if (!error && bind(fd, (struct sockaddr *)&all, sizeof(all)))
		error = -errno;
	if (!error)
		return fd;
	cleanup_close(&fd);
	return error;
}

/*
 * Returns a socket that reserves the port for both IP versions, or for IPv4 on a kernel without
 * IPv6; or a negative errno.
 */
static int open_listener(__u16 port)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), error, off = 0;
	struct socket_address any;

	if (fd >= 0) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
		socket_address_set_any(&any, AF_INET6, htons(port));
	} else {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		socket_address_set_any(&any, AF_INET, htons(port));
	}
	error = fd < 0 ? -errno : socket_filter_drop_all(fd);
	if (!error && (bind(fd, &any.any, any.length) || listen(fd, 1)))
		error = -errno;
	if (!error)
		return fd;
	cleanup_close(&fd);
	return error;
}

static void close_listeners(const int *listener, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(listener[i]);
}

/* Reserves all ports of the block, or none. Returns 0 or a negative errno. */
static int open_block(struct port_tap *port_tap, __u16 base)
{
	int *listener = port_tap->listener + port_tap->blocks * PORT_TAP_BLOCK;

	for (size_t i = 0; i < PORT_TAP_BLOCK; i++) {
		listener[i] = open_listener(base + i);
		if (listener[i] >= 0)
			continue;
		close_listeners(listener, i);
		return listener[i];
	}
	port_tap->base[port_tap->blocks++] = base;
	return 0;
}

/* Opens a block at a random base. Returns 0, -EADDRINUSE, or another negative errno. */
static int find_block(struct port_tap *port_tap)
{
	int error = -EADDRINUSE;

	for (int i = 0; error == -EADDRINUSE && i < ATTEMPTS; i++) {
		__u32 random;

		if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
			return -errno;
		error = open_block(port_tap, (FIRST_PORT + random % (LAST_PORT - FIRST_PORT)) &
						     ~(PORT_TAP_BLOCK - 1));
	}
	return error;
}

static int update_filters(const struct port_tap *port_tap)
{
	int error = filter_ipv4(port_tap);

	return error ? error : filter_ipv6(port_tap);
}

/*
 * Gives up the last block, because a filter does not accept its ports. An IPv4 filter that still
 * accepts them does no harm: port_tap_index() does not know the ports.
 */
static void drop_last_block(struct port_tap *port_tap)
{
	port_tap->blocks--;
	close_listeners(port_tap->listener + port_tap->blocks * PORT_TAP_BLOCK, PORT_TAP_BLOCK);
}

int port_tap_grow(struct port_tap *port_tap)
{
	int error = port_tap->blocks < PORT_TAP_BLOCKS ? find_block(port_tap) : -EAGAIN;

	if (error)
		return error;
	error = update_filters(port_tap);
	if (error)
		drop_last_block(port_tap);
	return error;
}

int port_tap_create(struct port_tap *port_tap)
{
	*port_tap =
		(struct port_tap){.ipv4 = open_capture(ETH_P_IP), .ipv6 = open_capture(ETH_P_IPV6)};
	if (port_tap->ipv4 < 0)
		return port_tap->ipv4;
	return port_tap->ipv6 < 0 ? port_tap->ipv6 : 0;
}

void port_tap_destroy(struct port_tap *port_tap)
{
	cleanup_close(&port_tap->ipv4);
	cleanup_close(&port_tap->ipv6);
	close_listeners(port_tap->listener, port_tap->blocks * PORT_TAP_BLOCK);
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
