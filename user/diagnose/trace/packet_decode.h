/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the headers of a packet tell of who speaks to whom, for those who watch packets leave: of
 * a tunnel's packet, of the one inside.
 *
 * Pure: owns nothing. Addresses are in the ABI's form, ports in network byte order.
 */
#ifndef DIAGNOSE_TRACE_PACKET_DECODE_H
#define DIAGNOSE_TRACE_PACKET_DECODE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

struct headers {
	struct endpoint source; /* protocol 0: its ports are not known */
	struct endpoint destination;
	bool is_encapsulated;
	__u64 outer_destination[2]; /* of a tunnel: where that leads */
};

/* Reads the first bytes of an Ethernet frame; false if it is not of IP. */
bool packet_decode(struct headers *headers, const void *frame, size_t bytes);

#endif
