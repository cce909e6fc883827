/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ICMP echo: no host has the VIP, so the program itself answers echo requests to it. The reply
 * shows that packets reach the balancer, and nothing about the backends.
 */
#ifndef BPF_FORWARD_ICMP_ECHO_H
#define BPF_FORWARD_ICMP_ECHO_H

#include "core/action.h"
#include "core/endpoints.h"
#include "forward/checksum.h"
#include "packet/icmp.h"

#define REPLY_TTL 64

static __always_inline void swap_ethernet(struct ethhdr *ethernet)
{
	struct ethhdr old = *ethernet;

	__builtin_memcpy(ethernet->h_dest, old.h_source, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, old.h_dest, ETH_ALEN);
}

static __always_inline void swap_ipv4(struct iphdr *ip)
{
	__be32 client = ip->saddr;

	ip->saddr = ip->daddr;
	ip->daddr = client;
	ip->check = sum_update(ip->check,
			       sum_delta(bpf_htons(ip->ttl << 8), bpf_htons(REPLY_TTL << 8)));
	ip->ttl = REPLY_TTL;
}

static __always_inline void swap_ipv6(struct ipv6hdr *ip, const struct packet *packet)
{
	address_copy(&ip->saddr, packet->destination);
	address_copy(&ip->daddr, packet->source);
	ip->hop_limit = REPLY_TTL;
}

/* Turns an echo request into its reply. Checksums cover both addresses, so a swap keeps them. */
static __always_inline struct action icmp_echo_reply(const struct packet *packet,
						     const struct headers *headers)
{
	struct icmp *icmp = headers->transport;
	__u8 type = packet->is_ipv4 ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY;

	icmp->checksum = sum_update(icmp->checksum,
				    sum_delta(bpf_htons(icmp->type << 8), bpf_htons(type << 8)));
	if (!icmp->checksum)
		icmp->checksum = 0xffff; /* the same sum, and correct also for a message of zeros */
	icmp->type = type;
	if (headers->is_ipv4)
		swap_ipv4(headers->ipv4);
	else
		swap_ipv6(headers->ipv6, packet);
	swap_ethernet(headers->ethernet);
	return action_verdict(LB_ECHO_ANSWERED, XDP_TX);
}

/* True if the packet's destination is the VIP of a service. */
static __always_inline bool packet_is_to_vip(const struct packet *packet)
{
	return endpoint_lookup(packet->destination,
			       lb_selector(0, IPPROTO_ICMP, LB_ROLE_SERVICE, packet->is_ipv4));
}

#endif
