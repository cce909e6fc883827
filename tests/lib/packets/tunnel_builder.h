/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets in IPIP and GUE tunnels, built in full by plain code: the packet that a test expects.
 * Fields that the datapath is free to choose (outer source address, GUE source port, flow label)
 * are read from the packet that it sent.
 */
#ifndef TEST_LIB_PACKETS_TUNNEL_BUILDER_H
#define TEST_LIB_PACKETS_TUNNEL_BUILDER_H

#include "packets/packet_builder.h"

#define TUNNEL_GUE_PORT 6080

struct outer {
	struct endpoint source; /* port: GUE source port; 0 = IPIP */
	struct endpoint destination;
	__u32 label; /* flow label, IPv6 */
	bool may_fragment; /* outer IPv4 without DF around IPv6: may be fragmented, with this id: */
	__u16 id;
	bool no_checksum; /* GUE over IPv6 with UDP checksum 0 */
};

/*
 * Encapsulates `inner`, with its network header at offset `network`. Outer lengths follow the inner
 * IP header. If that header is wrong, `no_checksum` must be set.
 */
void tunnel_build(const struct packet *inner, unsigned int network, const struct outer *outer,
		  struct packet *packet);

/* Reads the outer headers at offset `network`. Returns false without outer headers. */
bool tunnel_read(const struct packet *packet, unsigned int network, struct outer *outer);

/* Bytes that the tunnel adds. */
unsigned int tunnel_overhead(const struct outer *outer);

#endif
