/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds a test packet from addresses, ports and a TCP flag: Ethernet, IP, TCP or UDP, without
 * payload, with correct lengths and checksums.
 *
 * Pure: owns nothing.
 */
#ifndef DIAGNOSE_EXPLAIN_PACKET_SPEC_H
#define DIAGNOSE_EXPLAIN_PACKET_SPEC_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

/* The largest: Ethernet, IPv6, TCP. */
#define PACKET_SPEC_BYTES 74

struct packet_spec {
	struct endpoint source; /* same family as the destination; its protocol is not used */
	struct endpoint destination;
	bool is_syn; /* TCP: SYN, else ACK */
};

/* Writes the packet to `frame`; returns its length in bytes. */
size_t packet_spec_build(const struct packet_spec *packet_spec,
			 unsigned char frame[PACKET_SPEC_BYTES]);

#endif
