/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets: built from a description, checksums and all, by the plainest code
 * there is. A test describes what it sends and what it wants to get, has both
 * built, and compares bytes; so whatever the program computes incrementally is
 * checked against a full computation.
 */
#ifndef TEST_LIB_PACKETS_PACKET_BUILDER_H
#define TEST_LIB_PACKETS_PACKET_BUILDER_H

#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define PACKET_MAX 9216 /* a jumbo frame */

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

/* One side of a flow. IPv4 addresses are held as ::ffff:a.b.c.d. */
struct endpoint {
	struct in6_addr address;
	__u16 port; /* host byte order */
};

struct packet {
	unsigned int length;
	unsigned char bytes[PACKET_MAX];
};

/* What a packet shall be. */
struct packet_spec {
	unsigned char to[6];
	unsigned char from[6];
	unsigned int tags; /* VLAN tags, outermost first: 0, 1 or 2 */
	__u16 tag_type[2];
	__u16 tag[2];
	struct endpoint source;
	struct endpoint destination;
	__u8 protocol; /* TCP, UDP, or any other, which has only a payload */
	__u8 flags; /* TCP */
	__u8 ttl; /* time to live, hop limit */
	__u8 option_bytes; /* of IPv4 options, a multiple of 4 */
	__u16 fragment; /* IPv4 fragment flags and offset, host byte order */
	__u32 sequence; /* of TCP: so much more than the usual, */
	__u32 acknowledged; /* and so much more of the other side's */
	__u16 payload; /* bytes behind the transport header */
	bool no_checksum; /* UDP without a checksum */
};

/* An endpoint from text; ends the test if that is no address. */
struct endpoint endpoint(const char *address, __u16 port);

bool endpoint_is_v6(const struct endpoint *endpoint);
bool endpoint_same(const struct endpoint *a, const struct endpoint *b);

/* ADDR:PORT, [ADDR]:PORT for IPv6; in a static buffer. */
const char *endpoint_text(const struct endpoint *endpoint);

/* Is it a VLAN tag that the datapath skips: 802.1Q or 802.1ad? */
bool ethertype_is_vlan(__u16 type);

/* The packet of the opposite direction: MAC addresses, IP addresses and ports are swapped. */
struct packet_spec packet_spec_reverse(const struct packet_spec *spec);

void packet_build(const struct packet_spec *spec, struct packet *packet);

/* Offsets of the network and the transport header of a packet built from `spec`. */
unsigned int packet_network(const struct packet_spec *spec);
unsigned int packet_transport(const struct packet_spec *spec);

/*
 * Where a packet comes from and goes to, and whether its checksums hold; false
 * also if it is no TCP or UDP packet.
 */
bool packet_read(const struct packet *packet, struct endpoint *source,
		 struct endpoint *destination);

bool packet_same(const struct packet *a, const struct packet *b);
void packet_copy(struct packet *to, const struct packet *from);

/* Moves what is behind `at` so many bytes on, or takes so many bytes out; false if it cannot. */
bool packet_insert(struct packet *packet, unsigned int at, const void *bytes, unsigned int count);
bool packet_remove(struct packet *packet, unsigned int at, unsigned int count);

#endif
