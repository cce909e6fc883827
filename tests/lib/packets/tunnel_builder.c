// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <string.h>

#include "packets/checksum.h"
#include "packets/tunnel_builder.h"

#define IP4_BYTES 20U
#define IP6_BYTES 40U
#define UDP_BYTES 8U

static void put16(unsigned char *at, __u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static __u16 get16(const unsigned char *at)
{
	return at[0] << 8 | at[1];
}

static unsigned int ip_bytes(const struct outer *outer)
{
	return endpoint_is_v6(&outer->destination) ? IP6_BYTES : IP4_BYTES;
}

unsigned int tunnel_overhead(const struct outer *outer)
{
	return ip_bytes(outer) + (outer->source.port ? UDP_BYTES : 0);
}

static __u8 traffic_class(const unsigned char *inner)
{
	return inner[0] >> 4 == 4 ? inner[1] : (__u8)(inner[0] << 4 | inner[1] >> 4);
}

static __u8 outer_protocol(const struct outer *outer, const unsigned char *inner)
{
	if (outer->source.port)
		return IPPROTO_UDP;
	return inner[0] >> 4 == 4 ? IPPROTO_IPIP : IPPROTO_IPV6;
}

/* Of a fragment with its place mixed in: as the rest of a packet it has a number of its own. */
static __u16 fragment_ip_id(const unsigned char *inner)
{
	return get16(inner + 4) ^ (get16(inner + 6) & 0x1fff);
}

static void build_ip4(unsigned char *at, const struct outer *outer, const unsigned char *inner,
		      unsigned int length)
{
	bool v4 = inner[0] >> 4 == 4;

	at[0] = 0x45;
	at[1] = traffic_class(inner);
	put16(at + 2, IP4_BYTES + length);
	put16(at + 4, v4 ? fragment_ip_id(inner) : outer->id);
	put16(at + 6, v4 ? get16(inner + 6) & 0x4000 : outer->may_fragment ? 0 : 0x4000);
	at[8] = 64;
	at[9] = outer_protocol(outer, inner);
	memcpy(at + 12, outer->source.address.s6_addr + 12, 4);
	memcpy(at + 16, outer->destination.address.s6_addr + 12, 4);
	put16(at + 10, checksum_field(checksum_add(0, at, IP4_BYTES)));
}

static void build_ip6(unsigned char *at, const struct outer *outer, const unsigned char *inner,
		      unsigned int length)
{
	__u32 first = htonl(6U << 28 | (__u32)traffic_class(inner) << 20 | outer->label);

	memcpy(at, &first, sizeof(first));
	put16(at + 4, length);
	at[6] = outer_protocol(outer, inner);
	at[7] = 64;
	memcpy(at + 8, &outer->source.address, 16);
	memcpy(at + 24, &outer->destination.address, 16);
}

/* Does the packet inside have a transport checksum? */
static bool has_checksum(const unsigned char *inner)
{
	bool v4 = inner[0] >> 4 == 4;
	const unsigned char *transport = inner + (v4 ? (inner[0] & 15) * 4U : IP6_BYTES);

	return (v4 ? inner[9] : inner[6]) == IPPROTO_TCP || get16(transport + 6);
}

static void build_udp(unsigned char *at, const struct outer *outer, const unsigned char *inner,
		      unsigned int length)
{
	__u32 sum = IPPROTO_UDP + length;
	__u16 field;

	put16(at, outer->source.port);
	put16(at + 2, TUNNEL_GUE_PORT);
	put16(at + 4, length);
	put16(at + 6, 0);
	if (!endpoint_is_v6(&outer->destination) || !has_checksum(inner))
		return;
	sum = checksum_add(sum, &outer->source.address, 16);
	sum = checksum_add(sum, &outer->destination.address, 16);
	field = checksum_field(checksum_add(sum, at, length));
	put16(at + 6, field ? field : 0xffff);
}

void tunnel_build(const struct packet *inner, unsigned int network, const struct outer *outer,
		  struct packet *packet)
{
	bool v6 = endpoint_is_v6(&outer->destination);
	unsigned int added = tunnel_overhead(outer), header = ip_bytes(outer);
	const unsigned char *inner_ip = inner->bytes + network;
	unsigned char *at = packet->bytes + network;
	unsigned int length = inner->length - network + added - header;

	memset(packet, 0, sizeof(*packet));
	packet->length = inner->length + added;
	memcpy(packet->bytes, inner->bytes, network);
	put16(at - 2, v6 ? ETH_P_IPV6 : ETH_P_IP);
	memcpy(at + added, inner_ip, inner->length - network);
	if (v6)
		build_ip6(at, outer, inner_ip, length);
	else
		build_ip4(at, outer, inner_ip, length);
	if (outer->source.port)
		build_udp(at + header, outer, inner_ip, length);
}

bool tunnel_read(const struct packet *packet, unsigned int network, struct outer *outer)
{
	const unsigned char *at = packet->bytes + network;
	__u8 protocol = at[0] >> 4 == 4 ? at[9] : at[6];

	*outer = (struct outer){.source = endpoint("0.0.0.0", 0),
				.destination = endpoint("0.0.0.0", 0)};
	if (at[0] == 0x45) {
		memcpy(outer->source.address.s6_addr + 12, at + 12, 4);
		memcpy(outer->destination.address.s6_addr + 12, at + 16, 4);
	} else if (at[0] >> 4 == 6) {
		memcpy(&outer->source.address, at + 8, 16);
		memcpy(&outer->destination.address, at + 24, 16);
		outer->label = (at[1] & 15) << 16 | get16(at + 2);
	} else {
		return false;
	}
	if (protocol == IPPROTO_UDP)
		outer->source.port = get16(at + ip_bytes(outer));
	if (at[0] == 0x45 && at[tunnel_overhead(outer)] >> 4 == 6) {
		outer->may_fragment = !get16(at + 6);
		outer->id = outer->may_fragment ? get16(at + 4) : 0;
	}
	return protocol == IPPROTO_UDP || protocol == IPPROTO_IPIP || protocol == IPPROTO_IPV6;
}
