// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/explain/packet_spec.h"

#include <netinet/in.h>
#include <string.h>

#include "diagnose/packet_headers.h"

#define HOP_LIMIT  64
#define TCP_SYN	   0x02
#define TCP_ACK	   0x10
#define TCP_WINDOW 0xfaf0

_Static_assert(PACKET_SPEC_BYTES == ETHERNET_BYTES + IPV6_BYTES + TCP_BYTES, "the largest packet");

static void put16(unsigned char *at, __u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* Returns `sum` plus the 16-bit words of an even number of bytes. */
static __u32 sum_up(__u32 sum, const unsigned char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	return sum;
}

/* The Internet checksum of a sum of 16-bit words (RFC 1071). */
static __u16 checksum(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	return ~sum;
}

static void put_ethernet(unsigned char *at, bool is_ipv4)
{
	put16(at + 12, is_ipv4 ? 0x0800 : 0x86dd);
}

/* Returns the sum of the addresses, for the checksum of the pseudo header. */
static __u32 put_ipv4(unsigned char *at, const struct packet_spec *packet_spec, size_t payload)
{
	__be32 source = address_to_ipv4(packet_spec->source.address);
	__be32 destination = address_to_ipv4(packet_spec->destination.address);

	at[0] = 0x45;
	put16(at + 2, IPV4_BYTES + payload);
	put16(at + 6, 0x4000); /* don't fragment */
	at[8] = HOP_LIMIT;
	at[9] = packet_spec->destination.protocol;
	memcpy(at + 12, &source, 4);
	memcpy(at + 16, &destination, 4);
	put16(at + 10, checksum(sum_up(0, at, IPV4_BYTES)));
	return sum_up(0, at + 12, 8);
}

static __u32 put_ipv6(unsigned char *at, const struct packet_spec *packet_spec, size_t payload)
{
	at[0] = 0x60;
	put16(at + 4, payload);
	at[6] = packet_spec->destination.protocol;
	at[7] = HOP_LIMIT;
	memcpy(at + 8, packet_spec->source.address, 16);
	memcpy(at + 24, packet_spec->destination.address, 16);
	return sum_up(0, at + 8, 32);
}

static void put_transport(unsigned char *at, const struct packet_spec *packet_spec, size_t bytes,
			  __u32 sum)
{
	bool is_tcp = packet_spec->destination.protocol == IPPROTO_TCP;

	memcpy(at, &packet_spec->source.port, 2);
	memcpy(at + 2, &packet_spec->destination.port, 2);
	sum += packet_spec->destination.protocol + bytes;
	if (!is_tcp) {
		put16(at + 4, bytes);
		put16(at + 6, checksum(sum_up(sum, at, bytes)));
		return;
	}
	at[12] = TCP_BYTES / 4 << 4;
	at[13] = packet_spec->is_syn ? TCP_SYN : TCP_ACK;
	put16(at + 14, TCP_WINDOW);
	put16(at + 16, checksum(sum_up(sum, at, bytes)));
}

size_t packet_spec_build(const struct packet_spec *packet_spec,
			 unsigned char frame[PACKET_SPEC_BYTES])
{
	bool is_ipv4 = address_is_ipv4(packet_spec->destination.address);
	size_t network = is_ipv4 ? IPV4_BYTES : IPV6_BYTES;
	size_t transport = packet_spec->destination.protocol == IPPROTO_TCP ? TCP_BYTES : UDP_BYTES;
	unsigned char *ip = frame + ETHERNET_BYTES;
	__u32 sum;

	memset(frame, 0, PACKET_SPEC_BYTES);
	put_ethernet(frame, is_ipv4);
	sum = is_ipv4 ? put_ipv4(ip, packet_spec, transport) : put_ipv6(ip, packet_spec, transport);
	put_transport(ip + network, packet_spec, transport, sum);
	return ETHERNET_BYTES + network + transport;
}
