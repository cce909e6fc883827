// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ping probe: passes if an echo reply arrives (ICMP, ICMPv6). It uses a datagram socket if
 * net.ipv4.ping_group_range allows it, else a raw socket. 16 random bytes in the request
 * identify the reply, so the identifier need not be unique.
 */
#include <errno.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "probe/kind.h"
#include "probe/kinds.h"

/* Messages read per loop callback; a raw socket also receives other processes' replies. */
#define RECEIVE_BATCH 16

/* An echo message; ICMP and ICMPv6 have the same layout. */
struct echo {
	__u8 type, code;
	__u16 checksum;
	__be16 id, sequence;
	__u8 cookie[16];
};

struct ping {
	int fd;
	bool ipv4, raw;
	struct loop_watch *watch;
	struct echo request;
};

static __u16 checksum(const struct echo *echo)
{
	__u16 words[sizeof(*echo) / 2];
	__u32 sum = 0;

	memcpy(words, echo, sizeof(*echo));
	for (size_t i = 0; i < sizeof(*echo) / 2; i++)
		sum += words[i];
	sum = (sum >> 16) + (sum & 0xffff);
	return ~((sum >> 16) + sum);
}

/* A raw socket receives all ICMP messages from the target; the filter accepts echo replies only. */
static int open_raw(bool ipv4)
{
	int fd = socket(ipv4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	struct icmp_filter filter = {.data = ~(1U << ICMP_ECHOREPLY)};
	struct icmp6_filter filter6;

	ICMP6_FILTER_SETBLOCKALL(&filter6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter6);
	if (fd >= 0 && ipv4)
		setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof(filter));
	else if (fd >= 0)
		setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter6, sizeof(filter6));
	return fd;
}

static int open_socket(struct ping *ping)
{
	ping->fd =
		socket(ping->ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		       ping->ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	if (ping->fd < 0) {
		ping->fd = open_raw(ping->ipv4);
		ping->raw = true;
	}
	return ping->fd < 0 ? -errno : 0;
}

static bool is_reply(const struct ping *ping, const __u8 *message, size_t length)
{
	size_t header = ping->raw && ping->ipv4 && length ? (message[0] & 15) * 4 : 0;
	struct echo reply;

	if (length < header + sizeof(reply))
		return false;
	memcpy(&reply, message + header, sizeof(reply));
	return reply.type == (ping->ipv4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) && !reply.code &&
	       !memcmp(reply.cookie, ping->request.cookie, sizeof(reply.cookie));
}

static void ready(void *owner, int events)
{
	struct probe *probe = owner;
	struct ping *ping = probe->priv;
	__u8 message[128];
	ssize_t length;

	(void)events;
	for (int i = 0; i < RECEIVE_BATCH; i++) {
		length = recv(ping->fd, message, sizeof(message), 0);
		if (length < 0 && errno != EAGAIN && errno != EINTR)
			probe_fail(probe, "ping", -errno);
		if (length < 0)
			break;
		if (!is_reply(ping, message, length))
			continue;
		probe->report.first_byte_us = probe_elapsed_us(probe);
		probe_end(probe, true, "answered");
		break;
	}
	loop_watch_set_events(ping->watch, probe->finished ? 0 : LOOP_READ);
}

static int send_request(struct ping *ping)
{
	struct echo *request = &ping->request;

	request->type = ping->ipv4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	if (getrandom(request->cookie, sizeof(request->cookie), GRND_NONBLOCK) < 0)
		return -errno;
	memcpy(&request->id, request->cookie, sizeof(request->id));
	if (ping->ipv4)
		request->checksum = checksum(request);
	return send(ping->fd, request, sizeof(*request), 0) < 0 ? -errno : 0;
}

static void start(struct probe *probe)
{
	struct ping *ping = calloc(1, sizeof(*ping));
	struct socket_address dest;
	int error;

	if (!ping) {
		probe_fail(probe, "ping", -ENOMEM);
		return;
	}
	probe->priv = ping;
	probe_dest(probe, &dest);
	ping->ipv4 = dest.any.sa_family == AF_INET;
	error = open_socket(ping);
	if (!error && connect(ping->fd, &dest.any, dest.length))
		error = -errno;
	if (!error)
		error = send_request(ping);
	if (!error)
		error = loop_watch_create(probe->engine->loop, ping->fd, ready, probe,
					  &ping->watch);
	if (error)
		probe_fail(probe, "ping", error);
	else
		loop_watch_set_events(ping->watch, LOOP_READ);
}

static void stop(struct probe *probe)
{
	struct ping *ping = probe->priv;

	if (!ping)
		return;
	loop_watch_free(ping->watch);
	if (ping->fd >= 0)
		close(ping->fd);
	free(ping);
}

const struct probe_kind probe_ping = {.start = start, .stop = stop};
