/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a packet that was changed on its way may differ in, byte by byte, and how its
 * checksums must go along: those that were right are right, those that were wrong are
 * wrong by as much, for nobody but the receiver is to judge them.
 */
#ifndef TEST_LIB_PACKETS_PACKET_DIFF_H
#define TEST_LIB_PACKETS_PACKET_DIFF_H

#include "packets/packet_layout.h"

#define RANGES_MAX 16

/* Bytes of a packet that may differ. */
struct range {
	unsigned int at;
	unsigned int bytes;
};

/* In the order in which they stand in the packet. */
struct ranges {
	struct range range[RANGES_MAX];
	unsigned int count;
};

void ranges_allow(struct ranges *ranges, unsigned int at, unsigned int bytes);

/* The time to live, and the checksum of an IPv4 header, which stand one after the other. */
void ranges_allow_ttl(struct ranges *ranges, const struct layout *layout);

/* What forwarding changes: TTL, IPv4 header checksum, and the MAC addresses of a packet sent by XDP. */
void ranges_allow_forwarding(struct ranges *ranges, const struct layout *layout, bool is_sent);

bool differs_only_in(const struct packet *in, const struct packet *out,
		     const struct ranges *ranges);

/* Did these bytes change places with those? */
bool differs_by_swap(const struct packet *in, const struct packet *out, unsigned int a,
		     unsigned int b, unsigned int bytes);

/* What the checksums lack: 0 = right. The transport's is over all to the packet's end. */
__u16 ip_header_sum(const struct packet *packet, const struct layout *layout);
__u16 transport_sum(const struct packet *packet, const struct layout *layout, bool with_addresses);

/* Is it a UDP packet without a checksum? */
bool has_no_checksum(const struct packet *packet, const struct layout *layout);

/* NULL, or what is wrong. */
const char *check_ttl_decrement(const struct packet *in, const struct packet *out,
				const struct layout *layout);
const char *check_rewrite(const struct packet *in, const struct packet *out,
			  const struct layout *layout, const struct ranges *ranges);
const char *check_checksums(const struct packet *in, const struct packet *out,
			    const struct layout *layout);

#endif
