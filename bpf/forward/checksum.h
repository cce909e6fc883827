/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Incremental updates of the Internet checksum (RFC 1624). A delta is the amount by which the sum
 * of a packet's words grows; it is added to the complement of the checksum.
 */
#ifndef BPF_FORWARD_CHECKSUM_H
#define BPF_FORWARD_CHECKSUM_H

#include "packet/headers.h"

/* The delta of a word that changes. */
static __always_inline __u16 sum_delta(__u16 from, __u16 to)
{
	__u32 delta = (__u16)~from + to;

	return delta + (delta >> 16);
}

/*
 * A sum folded into 16 bits. Each step adds either half of the sum to the other one, so the upper
 * half has the carry added already.
 */
static __always_inline __u16 fold(__u64 sum)
{
	__u32 half;

	sum += sum << 32 | sum >> 32;
	half = sum >> 32;
	half += half << 16 | half >> 16;
	return half >> 16;
}

/* A checksum after a delta. */
static __always_inline __u16 sum_update(__u16 sum, __u16 delta)
{
	__u32 wide = (__u16)~sum + delta;

	return ~(wide + (wide >> 16));
}

/* Updates the checksum of TCP or UDP. A UDP packet without one stays without. */
static __always_inline void update_transport_sum(const struct headers *headers, __u16 delta)
{
	if (headers->is_tcp) {
		headers->tcp->check = sum_update(headers->tcp->check, delta);
		return;
	}
	if (!headers->udp->check)
		return;
	headers->udp->check = sum_update(headers->udp->check, delta);
	if (!headers->udp->check)
		headers->udp->check = 0xffff;
}

static __always_inline __u64 address_sum(const __u64 address[2])
{
	return (address[0] & 0xffffffff) + (address[0] >> 32) + (address[1] & 0xffffffff) +
	       (address[1] >> 32);
}

/* The delta of an endpoint that replaces another. */
static __always_inline __u16 endpoint_delta(const __u64 from[2], __be16 from_port,
					    const __u64 to[2], __be16 to_port)
{
	const __u64 not_from[2] = {~from[0], ~from[1]};

	return fold(address_sum(to) + to_port + address_sum(not_from) + (__u16)~from_port);
}

#endif
