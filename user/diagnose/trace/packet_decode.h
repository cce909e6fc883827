/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decodes addresses and ports of an Ethernet frame. Of an encapsulated packet (IPIP, GUE) it
 * returns those of the inner packet.
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
	struct endpoint source; /* protocol 0: the ports are unknown */
	struct endpoint destination;
	bool is_encapsulated;
	__u64 outer_destination[2]; /* if encapsulated: the end of the tunnel */
};

/* Decodes the first `bytes` bytes of a frame; false if it is not IP, or cut before the addresses. */
bool packet_decode(struct headers *headers, const void *frame, size_t bytes);

#endif
