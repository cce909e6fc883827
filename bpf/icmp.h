/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ICMP to a service's address, which no host of the network has: the program answers
 * echo requests itself. An answer says that packets reach the balancer, and nothing of
 * the backends.
 */
#ifndef LB_BPF_ICMP_H
#define LB_BPF_ICMP_H

#include "count.h"
#include "rewrite.h"
#include "service.h"

#define ANSWER_HOPS 64

/* What both versions begin with; the kernel's headers do not compile for BPF. */
struct icmp {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__be32 identity; /* of an echo */
};

enum icmp_type {
	ICMP_ECHO_REPLY = 0,
	ICMP_ECHO_REQUEST = 8,
	ICMPV6_ECHO_REQUEST = 128,
	ICMPV6_ECHO_REPLY = 129,
};

/* Those that tell a sender what became of its packet; they quote it. */
enum icmp_error {
	ICMP_UNREACHABLE = 3,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER = 12,
	ICMPV6_UNREACHABLE = 1,
	ICMPV6_TOO_BIG = 2,
	ICMPV6_TIME_EXCEEDED = 3,
	ICMPV6_PARAMETER = 4,
};

/* What a checksum gains when a word changes. */
static __always_inline __u16 sum_gain(__u16 from, __u16 to)
{
	__u32 gain = (__u16)~from + to;

	return gain + (gain >> 16);
}

/* By the protocol of its IP version. */
static __always_inline bool packet_is_icmp(const struct packet *packet)
{
	return packet->protocol == (packet->is_ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

/* Is it a whole message of the packet's IP version? Both begin alike. */
static __always_inline bool icmp_is_whole(const struct packet *packet)
{
	const struct icmp *icmp = packet->transport;

	return packet_is_icmp(packet) && !packet->fragment && (void *)(icmp + 1) <= packet->end;
}

/* Is it an echo request that can be answered? */
static __always_inline bool icmp_is_echo(const struct packet *packet)
{
	const struct icmp *icmp = packet->transport;

	return icmp_is_whole(packet) &&
	       icmp->type == (packet->is_ipv4 ? ICMP_ECHO_REQUEST : ICMPV6_ECHO_REQUEST) &&
	       !icmp->code;
}

static __always_inline bool icmp_is_error(const struct packet *packet)
{
	const struct icmp *icmp = packet->transport;
	__u8 type;

	if (!icmp_is_whole(packet))
		return false;
	type = icmp->type;
	if (packet->is_ipv4)
		return type == ICMP_UNREACHABLE || type == ICMP_TIME_EXCEEDED ||
		       type == ICMP_PARAMETER;
	return type >= ICMPV6_UNREACHABLE && type <= ICMPV6_PARAMETER;
}

static __always_inline void turn_ethernet(struct ethhdr *ethernet)
{
	struct ethhdr old = *ethernet;

	__builtin_memcpy(ethernet->h_dest, old.h_source, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, old.h_dest, ETH_ALEN);
}

static __always_inline void turn_ipv4(struct packet *packet)
{
	struct iphdr *ip = packet->ipv4;
	__be32 client = ip->saddr;

	ip->saddr = ip->daddr;
	ip->daddr = client;
	ip->check = sum_update(ip->check,
			       sum_gain(bpf_htons(ip->ttl << 8), bpf_htons(ANSWER_HOPS << 8)));
	ip->ttl = ANSWER_HOPS;
}

static __always_inline void turn_ipv6(struct packet *packet)
{
	__builtin_memcpy(&packet->ipv6->saddr, packet->destination, sizeof(packet->destination));
	__builtin_memcpy(&packet->ipv6->daddr, packet->source, sizeof(packet->source));
	packet->ipv6->hop_limit = ANSWER_HOPS;
}

/* Sends it back the way it came; addresses change places, so their sums stay. */
static __always_inline int icmp_answer(struct packet *packet)
{
	struct icmp *icmp = packet->transport;
	__u8 type = packet->is_ipv4 ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY;

	icmp->checksum = sum_update(icmp->checksum,
				    sum_gain(bpf_htons(icmp->type << 8), bpf_htons(type << 8)));
	if (!icmp->checksum)
		icmp->checksum = 0xffff; /* as good; and of a message of zeros, the only good one */
	icmp->type = type;
	if (packet->is_ipv4)
		turn_ipv4(packet);
	else
		turn_ipv6(packet);
	turn_ethernet(packet->ethernet);
	return leave(packet, LB_ECHO_ANSWERED, XDP_TX);
}

/* Is the packet's destination a service's address? */
static __always_inline bool icmp_is_for_us(const struct packet *packet)
{
	return directory_find(packet->destination,
			      lb_selector(0, IPPROTO_ICMP, LB_ROLE_SERVICE, packet->is_ipv4));
}

#endif
