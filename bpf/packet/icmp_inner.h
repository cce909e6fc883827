/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an ICMP error quotes: the beginning of the packet that it is about, at the least
 * its IP header and 8 bytes behind. That packet was sent by whom the error goes to.
 */
#ifndef BPF_PACKET_ICMP_INNER_H
#define BPF_PACKET_ICMP_INNER_H

#include "packet/icmp.h"
#include "packet/packet.h"

#define QUOTE_LEAST 8 /* of the transport header */

struct quote {
	union {
		struct iphdr *ipv4;
		struct ipv6hdr *ipv6;
		void *network;
	};
	union {
		struct tcphdr *tcp; /* as is_tcp says; the first 8 bytes are there */
		struct udphdr *udp;
		void *transport;
	};
	__u64 destination[2];
	__be16 source_port;
	__be16 destination_port;
	__u8 protocol;
	bool is_tcp;
};

/* Do so many bytes behind a place in the packet lie within it, and within its IP packet? */
static __always_inline bool quote_has(const struct packet *packet, const void *at, __u32 bytes)
{
	__u64 offset = at - packet->network;

	return at + bytes <= packet->end && offset + bytes <= packet_bytes(packet);
}

/* The quoted IP header, whose source has to be whom the error goes to. */
static __always_inline bool read_ipv4_quote(const struct packet *packet, struct quote *quote)
{
	struct iphdr *ip = quote->ipv4;

	if ((void *)(ip + 1) > packet->end || ip->version != 4 || ip->ihl < 5 ||
	    ip->frag_off & bpf_htons(IPV4_OFFSET) ||
	    ip->saddr != (__u32)(packet->destination[1] >> 32))
		return false;
	quote->destination[0] = 0;
	quote->destination[1] = (__u64)ip->daddr << 32 | bpf_htonl(0xffff);
	quote->protocol = ip->protocol;
	quote->transport = quote->network + ip->ihl * 4;
	return true;
}

/* No extension headers but that of a first fragment. */
static __always_inline bool read_ipv6_quote(const struct packet *packet, struct quote *quote)
{
	struct ipv6hdr *ip = quote->ipv6;
	struct extension *extension = (void *)(ip + 1);
	__u64 source[2];

	if ((void *)(extension + 1) > packet->end || ip->version != 6)
		return false;
	__builtin_memcpy(source, &ip->saddr, sizeof(source));
	__builtin_memcpy(quote->destination, &ip->daddr, sizeof(quote->destination));
	quote->protocol = ip->nexthdr;
	quote->transport = extension;
	if (quote->protocol == IPPROTO_FRAGMENT && !(fragment_bits(extension) & IPV4_OFFSET)) {
		quote->protocol = extension->next;
		quote->transport = extension + 1;
	}
	return source[0] == packet->destination[0] && source[1] == packet->destination[1];
}

/* Lays out what an error quotes; false unless it is a packet of TCP or UDP. */
static __always_inline bool quote_read(const struct packet *packet, struct quote *quote)
{
	__u32 both;

	quote->network = packet->transport + sizeof(struct icmp);
	if (!(packet->is_ipv4 ? read_ipv4_quote(packet, quote) : read_ipv6_quote(packet, quote)))
		return false;
	quote->is_tcp = quote->protocol == IPPROTO_TCP;
	if (!quote->is_tcp && quote->protocol != IPPROTO_UDP)
		return false;
	if (!quote_has(packet, quote->transport, QUOTE_LEAST))
		return false;
	both = *(__u32 *)quote->transport;
	quote->source_port = both;
	quote->destination_port = both >> 16;
	return true;
}

#endif
