/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ICMP messages that quote a packet, checksums and all. A quoted packet is described
 * as any other; its own checksums hold, as far as it is quoted.
 */
#ifndef TEST_LIB_PACKETS_ICMP_BUILDER_H
#define TEST_LIB_PACKETS_ICMP_BUILDER_H

#include "packets/packet_builder.h"

#define ICMP_HEADER_BYTES 8U

struct icmp_error {
	struct frame outer; /* its protocol and payload are set by icmp_error_build() */
	__u8 type;
	__u8 code;
	__u32 rest; /* the header's second word: a path's MTU, host byte order */
	struct frame inner;
	unsigned int inner_bytes; /* from its IP header on; 0 = all */
};

void icmp_error_build(struct icmp_error *icmp_error, struct packet *packet);

/* Computes the checksum of a packet whose message stands behind its IP header. */
void icmp_error_checksum(const struct frame *outer, struct packet *packet);

#endif
