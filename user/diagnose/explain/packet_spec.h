/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A specimen: a packet as an operator describes it, for a program to be tried on. It has no
 * payload, and lengths and checksums that hold.
 *
 * Pure: owns nothing.
 */
#ifndef DIAGNOSE_EXPLAIN_PACKET_SPEC_H
#define DIAGNOSE_EXPLAIN_PACKET_SPEC_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

/* Room for any specimen: Ethernet, IPv6, TCP. */
#define PACKET_SPEC_BYTES 74

struct packet_spec {
	struct endpoint source; /* of one family, and of the destination's protocol */
	struct endpoint destination;
	bool is_syn; /* TCP: a SYN; else an ACK */
};

/* Writes it, and returns its length. */
size_t packet_spec_build(const struct packet_spec *packet_spec,
			 unsigned char frame[PACKET_SPEC_BYTES]);

#endif
