/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ICMP to a service's address, which no host of the network has: the program answers
 * echo requests itself. An answer says that packets reach the balancer, and nothing of
 * the backends.
 */
#ifndef BPF_FORWARD_ICMP_ECHO_H
#define BPF_FORWARD_ICMP_ECHO_H

#include "core/endpoints.h"
#include "forward/checksum.h"
#include "observe/counters.h"
#include "packet/icmp.h"

#define REPLY_TTL 64

static __always_inline void swap_ethernet(struct ethhdr *ethernet)
{
	struct ethhdr old = *ethernet;

	__builtin_memcpy(ethernet->h_dest, old.h_source, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, old.h_dest, ETH_ALEN);
}

static __always_inline void swap_ipv4(struct packet *packet)
{
	struct iphdr *ip = packet->ipv4;
	__be32 client = ip->saddr;

	ip->saddr = ip->daddr;
	ip->daddr = client;
	ip->check = sum_update(ip->check,
			       sum_delta(bpf_htons(ip->ttl << 8), bpf_htons(REPLY_TTL << 8)));
	ip->ttl = REPLY_TTL;
}

static __always_inline void swap_ipv6(struct packet *packet)
{
	__builtin_memcpy(&packet->ipv6->saddr, packet->destination, sizeof(packet->destination));
	__builtin_memcpy(&packet->ipv6->daddr, packet->source, sizeof(packet->source));
	packet->ipv6->hop_limit = REPLY_TTL;
}

/* Sends it back the way it came; addresses change places, so their sums stay. */
static __always_inline int icmp_echo_reply(struct packet *packet)
{
	struct icmp *icmp = packet->transport;
	__u8 type = packet->is_ipv4 ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY;

	icmp->checksum = sum_update(icmp->checksum,
				    sum_delta(bpf_htons(icmp->type << 8), bpf_htons(type << 8)));
	if (!icmp->checksum)
		icmp->checksum = 0xffff; /* as good; and of a message of zeros, the only good one */
	icmp->type = type;
	if (packet->is_ipv4)
		swap_ipv4(packet);
	else
		swap_ipv6(packet);
	swap_ethernet(packet->ethernet);
	return finish(packet, LB_ECHO_ANSWERED, XDP_TX);
}

/* Is the packet's destination a service's address? */
static __always_inline bool packet_is_to_vip(const struct packet *packet)
{
	return endpoint_lookup_exact(
		packet->destination,
		lb_selector(0, IPPROTO_ICMP, LB_ROLE_SERVICE, packet->is_ipv4));
}

#endif
