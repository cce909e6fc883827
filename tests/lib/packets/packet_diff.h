/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between a packet and the forwarded packet: which bytes may differ, and how checksums
 * change. A valid checksum stays valid, and a wrong one stays wrong by the same amount, because
 * only the receiver may judge it.
 */
#ifndef TEST_LIB_PACKETS_PACKET_DIFF_H
#define TEST_LIB_PACKETS_PACKET_DIFF_H

#include "packets/packet_layout.h"

#define RANGES_MAX 16

/* Bytes of a packet that are allowed to differ. */
struct range {
	unsigned int at;
	unsigned int bytes;
};

/* Ordered by offset. */
struct ranges {
	struct range range[RANGES_MAX];
	unsigned int count;
};

void ranges_allow(struct ranges *ranges, unsigned int at, unsigned int bytes);

/* Allows changes of the TTL and, for IPv4, of the header checksum, which is stored after it. */
void ranges_allow_ttl(struct ranges *ranges, const struct layout *layout);

/*
 * Allows what forwarding changes: TTL, IPv4 header checksum and, if XDP sent the packet, MAC
 * addresses.
 */
void ranges_allow_forwarding(struct ranges *ranges, const struct layout *layout, bool is_sent);

bool differs_only_in(const struct packet *in, const struct packet *out,
		     const struct ranges *ranges);

/* True if the bytes at offsets `a` and `b` are swapped. */
bool differs_by_swap(const struct packet *in, const struct packet *out, unsigned int a,
		     unsigned int b, unsigned int bytes);

/* Checksum errors: 0 if valid. The transport checksum covers all bytes up to the packet's end. */
__u16 ip_header_sum(const struct packet *packet, const struct layout *layout);
__u16 transport_sum(const struct packet *packet, const struct layout *layout, bool with_addresses);

/* True for a UDP packet without a checksum. */
bool has_no_checksum(const struct packet *packet, const struct layout *layout);

/* These return NULL, or what is wrong. */
const char *check_ttl_decrement(const struct packet *in, const struct packet *out,
				const struct layout *layout);
const char *check_rewrite(const struct packet *in, const struct packet *out,
			  const struct layout *layout, const struct ranges *ranges);
const char *check_checksums(const struct packet *in, const struct packet *out,
			    const struct layout *layout);

#endif
