/* SPDX-License-Identifier: GPL-2.0-only */
/* ICMP and ICMPv6: the common header, the types that the program handles, and tests for them. */
#ifndef BPF_PACKET_ICMP_H
#define BPF_PACKET_ICMP_H

#include "packet/packet.h"

/* The header of both versions. The kernel's own headers do not compile for BPF. */
struct icmp {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__be32 rest_of_header; /* echo: id and sequence; error: MTU */
};

enum icmp_type {
	ICMP_ECHO_REPLY = 0,
	ICMP_ECHO_REQUEST = 8,
	ICMPV6_ECHO_REQUEST = 128,
	ICMPV6_ECHO_REPLY = 129,
};

/* Errors. Each contains the beginning of the packet that it is about, the inner packet. */
enum icmp_error {
	ICMP_UNREACHABLE = 3,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER = 12,
	ICMPV6_UNREACHABLE = 1,
	ICMPV6_TOO_BIG = 2,
	ICMPV6_TIME_EXCEEDED = 3,
	ICMPV6_PARAMETER = 4,
};

/* True if the packet has a whole ICMP header and is no fragment. */
static __always_inline bool icmp_is_whole(const struct packet *packet,
					  const struct headers *headers)
{
	const struct icmp *icmp = headers->transport;

	return packet_is_icmp(packet) && !packet->fragment && (void *)(icmp + 1) <= headers->end;
}

/* True if it is an echo request that can be answered. */
static __always_inline bool icmp_is_echo_request(const struct packet *packet,
						 const struct headers *headers)
{
	const struct icmp *icmp = headers->transport;

	return icmp_is_whole(packet, headers) &&
	       icmp->type == (packet->is_ipv4 ? ICMP_ECHO_REQUEST : ICMPV6_ECHO_REQUEST) &&
	       !icmp->code;
}

static __always_inline bool icmp_is_error(const struct packet *packet,
					  const struct headers *headers)
{
	const struct icmp *icmp = headers->transport;
	__u8 type;

	if (!icmp_is_whole(packet, headers))
		return false;
	type = icmp->type;
	if (packet->is_ipv4)
		return type == ICMP_UNREACHABLE || type == ICMP_TIME_EXCEEDED ||
		       type == ICMP_PARAMETER;
	return type >= ICMPV6_UNREACHABLE && type <= ICMPV6_PARAMETER;
}

#endif
