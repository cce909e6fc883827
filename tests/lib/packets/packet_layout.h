/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Offsets of a packet's headers and fields, found by plain code that shares nothing with the
 * program under test.
 */
#ifndef TEST_LIB_PACKETS_PACKET_LAYOUT_H
#define TEST_LIB_PACKETS_PACKET_LAYOUT_H

#include "packets/packet_builder.h"

struct layout {
	bool v6;
	__u8 protocol; /* protocol of the header at `transport` */
	unsigned int network; /* offsets */
	unsigned int transport;
	__u16 fragment; /* fragment offset / 8, 0x2000 = more fragments; 0 = not a fragment */
};

/*
 * Returns false if the packet is not IP or ends in its Ethernet or IP header. Skips up to two VLAN
 * tags and as many IPv6 extension headers as the datapath does. After more or other extension
 * headers the protocol is IPPROTO_RAW.
 */
bool layout_read(const struct packet *packet, struct layout *layout);

/* True for any fragment, and for any fragment except the first. */
bool layout_is_fragment(const struct layout *layout);
bool layout_is_later_fragment(const struct layout *layout);

/*
 * True if the packet has complete ports: a complete TCP or UDP header, in the first fragment or
 * unfragmented.
 */
bool layout_has_ports(const struct packet *packet, const struct layout *layout);

/* Length of an IP packet by its header, without padding. */
unsigned int ip_packet_bytes(const unsigned char *ip);

/* Offsets of fields. */
unsigned int layout_source(const struct layout *layout);
unsigned int layout_destination(const struct layout *layout);
unsigned int layout_ttl(const struct layout *layout);
unsigned int layout_transport_sum(const struct layout *layout);

/* Bytes per address: 4 or 16. */
unsigned int layout_address_bytes(const struct layout *layout);

/* Source and destination of a packet with complete ports. */
struct endpoint layout_sender(const struct packet *packet, const struct layout *layout);
struct endpoint layout_receiver(const struct packet *packet, const struct layout *layout);

/*
 * Turns a packet with complete ports into a packet of the opposite direction: swaps MAC addresses,
 * IP addresses and ports. Checksum errors do not change.
 */
void layout_reverse(struct packet *packet, const struct layout *layout);

#endif
