/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pieces of packets: a packet is built whole, and cut as hosts and routers do it.
 */
#ifndef TEST_LIB_PACKETS_FRAGMENTER_H
#define TEST_LIB_PACKETS_FRAGMENTER_H

#include "packets/packet_builder.h"

struct ip_fragment {
	__u32 id; /* the same for all pieces of a packet; 16 bits over IPv4 */
	unsigned int from; /* byte behind the IP header where it begins, a multiple of 8 */
	unsigned int bytes; /* 0 = to the end */
};

void ip_fragment_build(const struct packet_spec *spec, const struct ip_fragment *ip_fragment,
		       struct packet *packet);

#endif
