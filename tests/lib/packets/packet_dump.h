/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets in the diagnostics of a failed test.
 */
#ifndef TEST_LIB_PACKETS_PACKET_DUMP_H
#define TEST_LIB_PACKETS_PACKET_DUMP_H

#include "packets/packet_builder.h"

/* Prints the length and the first bytes of a packet to stderr, as a TAP comment. */
void packet_dump(const char *name, const struct packet *packet);

#endif
