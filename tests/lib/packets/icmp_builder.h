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
	struct packet_spec outer; /* its protocol and payload are set by icmp_error_build() */
	__u8 type;
	__u8 code;
	__u32 rest; /* the header's second word: a path's MTU, host byte order */
	struct packet_spec inner;
	unsigned int inner_bytes; /* from its IP header on; 0 = all */
};

void icmp_error_build(struct icmp_error *icmp_error, struct packet *packet);

/* Computes and writes the checksum of the ICMP or ICMPv6 message of a packet built from `spec`. */
void icmp_checksum_set(const struct packet_spec *spec, struct packet *packet);

#endif
