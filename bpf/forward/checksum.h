/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Incremental updates of the Internet checksum (RFC 1624). A "gain" is what the sum of a
 * packet's words gains by a change; it is added to the sum's complement.
 */
#ifndef BPF_FORWARD_CHECKSUM_H
#define BPF_FORWARD_CHECKSUM_H

#include "packet/packet.h"

/* What a checksum gains when a word changes. */
static __always_inline __u16 sum_delta(__u16 from, __u16 to)
{
	__u32 delta = (__u16)~from + to;

	return delta + (delta >> 16);
}

/* Each half is added to the other, so that in the upper one the carry is with it. */
static __always_inline __u16 fold(__u64 sum)
{
	__u32 half;

	sum += sum << 32 | sum >> 32;
	half = sum >> 32;
	half += half << 16 | half >> 16;
	return half >> 16;
}

static __always_inline __u16 sum_update(__u16 sum, __u16 change)
{
	__u32 wide = (__u16)~sum + change;

	return ~(wide + (wide >> 16));
}

static __always_inline void update_transport_sum(const struct packet *packet, __u16 change)
{
	if (packet->is_tcp) {
		packet->tcp->check = sum_update(packet->tcp->check, change);
		return;
	}
	if (!packet->udp->check)
		return; /* the sender chose to have none */
	packet->udp->check = sum_update(packet->udp->check, change);
	if (!packet->udp->check)
		packet->udp->check = 0xffff;
}

static __always_inline __u64 sum_words(const __u64 words[2])
{
	return (words[0] & 0xffffffff) + (words[0] >> 32) + (words[1] & 0xffffffff) +
	       (words[1] >> 32);
}

/* What a checksum gains when one endpoint takes the place of another. */
static __always_inline __u16 endpoint_delta(const __u64 from[2], __be16 from_port,
					    const __u64 to[2], __be16 to_port)
{
	const __u64 not_from[2] = {~from[0], ~from[1]};

	return fold(sum_words(to) + to_port + sum_words(not_from) + (__u16)~from_port);
}

#endif
