/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an ICMP error quotes: the beginning of the packet that it is about, at the least
 * its IP header and 8 bytes behind. That packet was sent by whom the error goes to.
 */
#ifndef BPF_PACKET_ICMP_INNER_H
#define BPF_PACKET_ICMP_INNER_H

#include "packet/icmp.h"
#include "packet/packet.h"

#define INNER_MIN_BYTES 8 /* of the transport header */

struct icmp_inner {
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
static __always_inline bool icmp_inner_has(const struct packet *packet, const void *at, __u32 bytes)
{
	__u64 offset = at - packet->network;

	return at + bytes <= packet->end && offset + bytes <= packet_bytes(packet);
}

/* The quoted IP header, whose source has to be whom the error goes to. */
static __always_inline bool read_inner_ipv4(const struct packet *packet,
					    struct icmp_inner *icmp_inner)
{
	struct iphdr *ip = icmp_inner->ipv4;

	if ((void *)(ip + 1) > packet->end || ip->version != 4 || ip->ihl < 5 ||
	    ip->frag_off & bpf_htons(IPV4_OFFSET) ||
	    ip->saddr != (__u32)(packet->destination[1] >> 32))
		return false;
	icmp_inner->destination[0] = 0;
	icmp_inner->destination[1] = (__u64)ip->daddr << 32 | bpf_htonl(0xffff);
	icmp_inner->protocol = ip->protocol;
	icmp_inner->transport = icmp_inner->network + ip->ihl * 4;
	return true;
}

/* No extension headers but that of a first fragment. */
static __always_inline bool read_inner_ipv6(const struct packet *packet,
					    struct icmp_inner *icmp_inner)
{
	struct ipv6hdr *ip = icmp_inner->ipv6;
	struct extension *extension = (void *)(ip + 1);
	__u64 source[2];

	if ((void *)(extension + 1) > packet->end || ip->version != 6)
		return false;
	__builtin_memcpy(source, &ip->saddr, sizeof(source));
	__builtin_memcpy(icmp_inner->destination, &ip->daddr, sizeof(icmp_inner->destination));
	icmp_inner->protocol = ip->nexthdr;
	icmp_inner->transport = extension;
	if (icmp_inner->protocol == IPPROTO_FRAGMENT && !(fragment_bits(extension) & IPV4_OFFSET)) {
		icmp_inner->protocol = extension->next;
		icmp_inner->transport = extension + 1;
	}
	return source[0] == packet->destination[0] && source[1] == packet->destination[1];
}

/* Lays out what an error quotes; false unless it is a packet of TCP or UDP. */
static __always_inline bool icmp_inner_parse(const struct packet *packet,
					     struct icmp_inner *icmp_inner)
{
	__u32 ports;

	icmp_inner->network = packet->transport + sizeof(struct icmp);
	if (!(packet->is_ipv4 ? read_inner_ipv4(packet, icmp_inner)
			      : read_inner_ipv6(packet, icmp_inner)))
		return false;
	icmp_inner->is_tcp = icmp_inner->protocol == IPPROTO_TCP;
	if (!icmp_inner->is_tcp && icmp_inner->protocol != IPPROTO_UDP)
		return false;
	if (!icmp_inner_has(packet, icmp_inner->transport, INNER_MIN_BYTES))
		return false;
	ports = *(__u32 *)icmp_inner->transport;
	icmp_inner->source_port = ports;
	icmp_inner->destination_port = ports >> 16;
	return true;
}

#endif
