/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets, built in full from a description by plain code. A test describes the packet that it
 * sends and the packet that it expects, builds both and compares bytes. So incremental computations
 * of the datapath are checked against full computations.
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

/* An IP address and a port. IPv4 addresses are stored as ::ffff:a.b.c.d. */
struct endpoint {
	struct in6_addr address;
	__u16 port; /* host byte order */
};

struct packet {
	unsigned int length;
	unsigned char bytes[PACKET_MAX];
};

/* Description of a packet. Addresses and ports decide the IP version. */
struct packet_spec {
	unsigned char to[6];
	unsigned char from[6];
	unsigned int tags; /* VLAN tags, outermost first: 0 to 2 */
	__u16 tag_type[2];
	__u16 tag[2];
	struct endpoint source;
	struct endpoint destination;
	__u8 protocol; /* TCP, UDP, or any other protocol, which gets no transport header */
	__u8 flags; /* TCP flags */
	__u8 ttl; /* TTL or hop limit */
	__u8 option_bytes; /* bytes of IPv4 options, a multiple of 4 */
	__u16 fragment; /* IPv4 fragment flags and offset, host byte order */
	__u32 sequence; /* TCP sequence number, relative to a constant */
	__u32 acknowledged; /* TCP acknowledgment number, relative to a constant */
	__u16 payload; /* bytes after the transport header */
	bool no_checksum; /* UDP checksum 0 */
};

/* Returns an endpoint from text. Ends the test if `address` is not an IP address. */
struct endpoint endpoint(const char *address, __u16 port);

bool endpoint_is_v6(const struct endpoint *endpoint);
bool endpoint_same(const struct endpoint *a, const struct endpoint *b);

/* Returns ADDR:PORT, or [ADDR]:PORT for IPv6, in a static buffer. */
const char *endpoint_text(const struct endpoint *endpoint);

/* True for the VLAN tags that the datapath skips: 802.1Q and 802.1ad. */
bool ethertype_is_vlan(__u16 type);

/*
 * Returns the packet of the opposite direction: MAC addresses, IP addresses and ports are swapped.
 */
struct packet_spec packet_spec_reverse(const struct packet_spec *spec);

void packet_build(const struct packet_spec *spec, struct packet *packet);

/* Offsets of the network and transport headers in a packet built from `spec`. */
unsigned int packet_network(const struct packet_spec *spec);
unsigned int packet_transport(const struct packet_spec *spec);

/*
 * Reads the source and destination of a TCP or UDP packet. Returns false if it is neither, or if a
 * checksum is wrong.
 */
bool packet_read(const struct packet *packet, struct endpoint *source,
		 struct endpoint *destination);

bool packet_same(const struct packet *a, const struct packet *b);
void packet_copy(struct packet *to, const struct packet *from);

/*
 * Inserts or removes `count` bytes at offset `at`. Returns false, without a change, if the result
 * would be too long or the bytes do not exist.
 */
bool packet_insert(struct packet *packet, unsigned int at, const void *bytes, unsigned int count);
bool packet_remove(struct packet *packet, unsigned int at, unsigned int count);

#endif
