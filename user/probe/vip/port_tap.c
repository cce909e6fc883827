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

#define EVERYTHING 0xffffffff

static int filter(int fd, struct sock_filter *code, size_t length)
{
	struct sock_fprog program = {.len = length, .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}

static int filter_all(int fd)
{
	struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};

	return filter(fd, code, 1);
}

/* Lets through what is for one of the rows. */
static int filter_rows(const struct catch *catch, int fd, const struct sock_filter *head,
		       size_t head_length)
{
	struct sock_filter code[16 + CATCH_ROWS];
	size_t length = 0, rows = catch->rows;

	while (length < head_length) {
		code[length] = head[length];
		length++;
	}
	code[length++] =
		(struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xffff & ~(CATCH_ROW - 1));
	for (size_t i = 0; i < rows; i++)
		code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							      catch->base[i], rows - i, 0);
	code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, EVERYTHING);
	return filter(fd, code, length);
}

/* Up to the destination port of TCP. */
static int filter_ipv4(const struct catch *catch)
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

	return filter_rows(catch, catch->ipv4, head, sizeof(head) / sizeof(head[0]));
}

static int filter_ipv6(const struct catch *catch)
{
	const struct sock_filter head[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 42),
	};

	return filter_rows(catch, catch->ipv6, head, sizeof(head) / sizeof(head[0]));
}

/* Sees what comes in, and not what goes out; nothing at all, before it was told what. */
static int open_packets(__u16 protocol)
{
	struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol)};
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = fd < 0 ? -errno : filter_all(fd);

	if (!error && bind(fd, (struct sockaddr *)&all, sizeof(all)))
		error = -errno;
	if (!error)
		return fd;
	scope_close(&fd);
	return error;
}

/* For both IP versions, where there are both. */
static int listen_silently(__u16 port)
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
	error = filter_all(fd);
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
static int take_row(struct catch *catch, __u16 base)
{
	int *listener = catch->listener + catch->rows * CATCH_ROW;

	for (size_t i = 0; i < CATCH_ROW; i++) {
		listener[i] = listen_silently(base + i);
		if (listener[i] >= 0)
			continue;
		for (size_t j = 0; j < i; j++)
			close(listener[j]);
		return listener[i];
	}
	catch->base[catch->rows++] = base;
	return 0;
}

int catch_grow(struct catch *catch)
{
	int error = -EAGAIN;

	if (catch->rows == CATCH_ROWS)
		return error;
	for (int i = 0; error && i < ATTEMPTS; i++) {
		__u32 draw;

		if (getrandom(&draw, sizeof(draw), GRND_NONBLOCK) < 0)
			return -errno;
		error = take_row(catch,
				 (FIRST_PORT + draw % (LAST_PORT - FIRST_PORT)) & ~(CATCH_ROW - 1));
		if (error && error != -EADDRINUSE)
			return error;
	}
	if (!error)
		error = filter_ipv4(catch);
	return error ? error : filter_ipv6(catch);
}

int catch_create(struct catch *catch)
{
	*catch = (struct catch){.ipv4 = open_packets(ETH_P_IP), .ipv6 = -1};
	if (catch->ipv4 < 0)
		return catch->ipv4;
	catch->ipv6 = open_packets(ETH_P_IPV6);
	if (catch->ipv6 < 0) {
		close(catch->ipv4);
		return catch->ipv6;
	}
	return 0;
}

void catch_destroy(struct catch *catch)
{
	scope_close(&catch->ipv4);
	scope_close(&catch->ipv6);
	for (size_t i = 0; i < catch->rows * CATCH_ROW; i++)
		close(catch->listener[i]);
}

int catch_place(const struct catch *catch, __be16 port)
{
	__u16 number = ntohs(port);

	for (size_t i = 0; i < catch->rows; i++)
		if ((number & ~(CATCH_ROW - 1)) == catch->base[i])
			return i * CATCH_ROW + number % CATCH_ROW;
	return -1;
}

__be16 catch_port(const struct catch *catch, size_t place)
{
	return htons(catch->base[place / CATCH_ROW] + place % CATCH_ROW);
}
