/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inner packet of an ICMP error: the beginning of the packet that the error is about. It contains
 * at least the IP header and 8 bytes of the transport header. The error goes to its sender.
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
		struct tcphdr *tcp; /* if is_tcp; only the first 8 bytes have been found */
		struct udphdr *udp;
		void *transport;
	};
	__u64 destination[2];
	__be16 source_port;
	__be16 destination_port;
	__u8 protocol;
	bool is_tcp;
};

/* True if `bytes` bytes at `at` lie within the buffer and within the IP packet. */
static __always_inline bool icmp_inner_has(const struct headers *headers, const void *at,
					   __u32 bytes)
{
	__u64 offset = at - headers->network;

	return at + bytes <= headers->end && offset + bytes <= ip_bytes(headers);
}

/* Reads the inner IP header. False if its source is not the address that the error goes to. */
static __always_inline bool read_inner_ipv4(const struct packet *packet,
					    const struct headers *headers, struct icmp_inner *inner)
{
	struct iphdr *ip = inner->ipv4;

	if ((void *)(ip + 1) > headers->end || ip->version != 4 || ip->ihl < 5 ||
	    ip->frag_off & bpf_htons(IPV4_OFFSET) || ip->saddr != address_ipv4(packet->destination))
		return false;
	address_set_ipv4(inner->destination, ip->daddr);
	inner->protocol = ip->protocol;
	inner->transport = inner->network + ip->ihl * 4;
	return true;
}

/* Likewise. The only extension header that it accepts is a first fragment's. */
static __always_inline bool read_inner_ipv6(const struct packet *packet,
					    const struct headers *headers, struct icmp_inner *inner)
{
	struct ipv6hdr *ip = inner->ipv6;
	struct extension *extension = (void *)(ip + 1);
	__u64 source[2];

	if ((void *)(extension + 1) > headers->end || ip->version != 6)
		return false;
	address_copy(source, &ip->saddr);
	address_copy(inner->destination, &ip->daddr);
	inner->protocol = ip->nexthdr;
	inner->transport = extension;
	if (inner->protocol == IPPROTO_FRAGMENT && !(fragment_bits(extension) & IPV4_OFFSET)) {
		inner->protocol = extension->next;
		inner->transport = extension + 1;
	}
	return address_equal(source, packet->destination);
}

/* Parses the inner packet of an ICMP error. False if it is neither TCP nor UDP. */
static __always_inline bool icmp_inner_parse(const struct packet *packet,
					     const struct headers *headers,
					     struct icmp_inner *inner)
{
	__u32 ports;

	inner->network = headers->transport + sizeof(struct icmp);
	if (!(headers->is_ipv4 ? read_inner_ipv4(packet, headers, inner)
			       : read_inner_ipv6(packet, headers, inner)))
		return false;
	inner->is_tcp = inner->protocol == IPPROTO_TCP;
	if (!inner->is_tcp && inner->protocol != IPPROTO_UDP)
		return false;
	if (!icmp_inner_has(headers, inner->transport, INNER_MIN_BYTES))
		return false;
	ports = *(__u32 *)inner->transport;
	inner->source_port = ports;
	inner->destination_port = ports >> 16;
	return true;
}

#endif
