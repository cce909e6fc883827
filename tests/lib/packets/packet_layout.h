/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a packet's headers lie, read as plainly as can be, and the fields of them
 * that tests look at. Shares nothing with the code under test.
 */
#ifndef TEST_LIB_PACKETS_PACKET_LAYOUT_H
#define TEST_LIB_PACKETS_PACKET_LAYOUT_H

#include "packets/packet_builder.h"

struct layout {
	bool v6;
	__u8 protocol; /* of what is at `transport` */
	unsigned int network; /* offsets */
	unsigned int transport;
	__u16 fragment; /* offset in 8 bytes, and 0x2000 for more to come; 0 = is none */
};

/*
 * False if it is no IP packet, or ends within its Ethernet or IP header. Up to two
 * VLAN tags are skipped, and as many IPv6 extension headers as the program promises to;
 * behind others there is nothing that has a protocol.
 */
bool layout_read(const struct packet *packet, struct layout *layout);

/* Is it a fragment, and one behind the first? */
bool layout_is_fragment(const struct layout *layout);
bool layout_is_later_fragment(const struct layout *layout);

/* Has it whole ports: the headers of TCP or UDP, if a fragment then in the first? */
bool layout_has_ports(const struct packet *packet, const struct layout *layout);

/* Length of an IP packet by its header, without padding. */
unsigned int ip_packet_bytes(const unsigned char *ip);

/* Offsets of the fields. */
unsigned int layout_source(const struct layout *layout);
unsigned int layout_destination(const struct layout *layout);
unsigned int layout_ttl(const struct layout *layout);
unsigned int layout_transport_sum(const struct layout *layout);

/* Bytes of an address. */
unsigned int layout_address_bytes(const struct layout *layout);

/* Who sent it, and whom to; for packets with whole ports. */
struct endpoint layout_sender(const struct packet *packet, const struct layout *layout);
struct endpoint layout_receiver(const struct packet *packet, const struct layout *layout);

/*
 * Makes a packet with whole ports one that goes back whence it came: hardware and
 * IP addresses and ports change places, so its checksums stay as right as they were.
 */
void layout_reverse(struct packet *packet, const struct layout *layout);

#endif
