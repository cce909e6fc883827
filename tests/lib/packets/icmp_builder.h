/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ICMP errors with the packet that they quote (the inner packet). The inner packet is described
 * like any other packet. Its checksums are valid for its full length, even if less is quoted.
 */
#ifndef TEST_LIB_PACKETS_ICMP_BUILDER_H
#define TEST_LIB_PACKETS_ICMP_BUILDER_H

#include "packets/packet_builder.h"

#define ICMP_HEADER_BYTES 8U

struct icmp_error {
	struct packet_spec outer; /* icmp_error_build() sets its protocol and payload */
	__u8 type;
	__u8 code;
	__u32 rest; /* second word of the ICMP header: the path MTU; host byte order */
	struct packet_spec inner;
	unsigned int inner_bytes; /* quoted bytes, from the inner IP header on; 0 = all */
};

void icmp_error_build(struct icmp_error *icmp_error, struct packet *packet);

/* Computes and writes the checksum of the ICMP or ICMPv6 message of a packet built from `spec`. */
void icmp_checksum_set(const struct packet_spec *spec, struct packet *packet);

#endif
