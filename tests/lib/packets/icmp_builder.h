/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ICMP messages that quote a packet, checksums and all. A quoted packet is described
 * as any other; its own checksums hold, as far as it is quoted.
 */
#ifndef TEST_LIB_PACKETS_ICMP_BUILDER_H
#define TEST_LIB_PACKETS_ICMP_BUILDER_H

#include "packets/packet_builder.h"

#define MESSAGE_HEADER 8U

struct message {
	struct frame outer; /* its protocol and payload are set by message_build() */
	__u8 type;
	__u8 code;
	__u32 rest; /* the header's second word: a path's MTU, host byte order */
	struct frame quoted;
	unsigned int quoted_bytes; /* from its IP header on; 0 = all */
};

void message_build(struct message *message, struct packet *packet);

/* Computes the checksum of a packet whose message stands behind its IP header. */
void message_sum(const struct frame *outer, struct packet *packet);

#endif
