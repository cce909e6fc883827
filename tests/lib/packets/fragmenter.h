/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IP fragments: builds a whole packet and cuts it as hosts and routers do.
 */
#ifndef TEST_LIB_PACKETS_FRAGMENTER_H
#define TEST_LIB_PACKETS_FRAGMENTER_H

#include "packets/packet_builder.h"

struct ip_fragment {
	__u32 id; /* identification, the same in all fragments of a packet; 16 bits for IPv4 */
	unsigned int from; /* offset in the IP payload, a multiple of 8 */
	unsigned int bytes; /* of payload; 0 = up to the end */
};

void ip_fragment_build(const struct packet_spec *spec, const struct ip_fragment *ip_fragment,
		       struct packet *packet);

#endif
