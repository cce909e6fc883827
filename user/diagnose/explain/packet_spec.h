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
#define SPECIMEN_BYTES 74

struct specimen {
	struct endpoint source; /* of one family, and of the destination's protocol */
	struct endpoint destination;
	bool begins; /* TCP: a SYN; else an ACK */
};

/* Writes it, and returns its length. */
size_t specimen_build(const struct specimen *specimen, unsigned char frame[SPECIMEN_BYTES]);

#endif
