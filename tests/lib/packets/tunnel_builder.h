/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets in tunnels, built in full by plain code: what a test wants a packet for a
 * backend of `ipip` or `gue` to be. What the program may choose for itself (the outer
 * source, GUE's source port, the flow label) is read from what it sent.
 */
#ifndef TEST_LIB_PACKETS_TUNNEL_BUILDER_H
#define TEST_LIB_PACKETS_TUNNEL_BUILDER_H

#include "packets/packet_builder.h"

#define TUNNEL_GUE_PORT 6080

struct outer {
	struct endpoint source; /* the port: of GUE; 0 = no UDP header */
	struct endpoint destination;
	__u32 label; /* of an IPv6 header */
	bool may_fragment; /* an IPv4 header, by which an IPv6 packet may be cut up; its number: */
	__u16 id;
	bool no_checksum; /* GUE over IPv6 without a UDP checksum */
};

/* Puts `inner`, whose network header begins at `network`, into a tunnel. */
void tunnel_build(const struct packet *inner, unsigned int network, const struct outer *outer,
		  struct packet *packet);

/* Reads the outer headers at `network`; false if there are none. */
bool tunnel_read(const struct packet *packet, unsigned int network, struct outer *outer);

/* Bytes that the tunnel adds. */
unsigned int tunnel_overhead(const struct outer *outer);

#endif
