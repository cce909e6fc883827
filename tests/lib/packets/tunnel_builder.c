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

unsigned int wrapped_bytes(const struct outer *outer)
{
	return ip_bytes(outer) + (outer->source.port ? UDP_BYTES : 0);
}

static __u8 class_of(const unsigned char *inner)
{
	return inner[0] >> 4 == 4 ? inner[1] : (__u8)(inner[0] << 4 | inner[1] >> 4);
}

static __u8 protocol_of(const struct outer *outer, const unsigned char *inner)
{
	if (outer->source.port)
		return IPPROTO_UDP;
	return inner[0] >> 4 == 4 ? IPPROTO_IPIP : IPPROTO_IPV6;
}

/* Of a fragment with its place mixed in: as the rest of a packet it has a number of its own. */
static __u16 number_of(const unsigned char *inner)
{
	return get16(inner + 4) ^ (get16(inner + 6) & 0x1fff);
}

static void build_ip4(unsigned char *at, const struct outer *outer, const unsigned char *inner,
		      unsigned int length)
{
	bool v4 = inner[0] >> 4 == 4;

	at[0] = 0x45;
	at[1] = class_of(inner);
	put16(at + 2, IP4_BYTES + length);
	put16(at + 4, v4 ? number_of(inner) : outer->id);
	put16(at + 6, v4 ? get16(inner + 6) & 0x4000 : outer->is_cut ? 0 : 0x4000);
	at[8] = 64;
	at[9] = protocol_of(outer, inner);
	memcpy(at + 12, outer->source.address.s6_addr + 12, 4);
	memcpy(at + 16, outer->destination.address.s6_addr + 12, 4);
	put16(at + 10, checksum_field(checksum_add(0, at, IP4_BYTES)));
}

static void build_ip6(unsigned char *at, const struct outer *outer, const unsigned char *inner,
		      unsigned int length)
{
	__u32 first = htonl(6U << 28 | (__u32)class_of(inner) << 20 | outer->label);

	memcpy(at, &first, sizeof(first));
	put16(at + 4, length);
	at[6] = protocol_of(outer, inner);
	at[7] = 64;
	memcpy(at + 8, &outer->source.address, 16);
	memcpy(at + 24, &outer->destination.address, 16);
}

/* Does the packet inside have a transport checksum? */
static bool is_checked(const unsigned char *inner)
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
	put16(at + 2, WRAPPED_GUE_PORT);
	put16(at + 4, length);
	put16(at + 6, 0);
	if (!endpoint_is_v6(&outer->destination) || !is_checked(inner))
		return;
	sum = checksum_add(sum, &outer->source.address, 16);
	sum = checksum_add(sum, &outer->destination.address, 16);
	field = checksum_field(checksum_add(sum, at, length));
	put16(at + 6, field ? field : 0xffff);
}

void wrapped_build(const struct packet *inner, unsigned int network, const struct outer *outer,
		   struct packet *packet)
{
	bool v6 = endpoint_is_v6(&outer->destination);
	unsigned int added = wrapped_bytes(outer), header = ip_bytes(outer);
	const unsigned char *inside = inner->bytes + network;
	unsigned char *at = packet->bytes + network;
	unsigned int length = inner->length - network + added - header;

	memset(packet, 0, sizeof(*packet));
	packet->length = inner->length + added;
	memcpy(packet->bytes, inner->bytes, network);
	put16(at - 2, v6 ? ETH_P_IPV6 : ETH_P_IP);
	memcpy(at + added, inside, inner->length - network);
	if (v6)
		build_ip6(at, outer, inside, length);
	else
		build_ip4(at, outer, inside, length);
	if (outer->source.port)
		build_udp(at + header, outer, inside, length);
}

bool wrapped_read(const struct packet *packet, unsigned int network, struct outer *outer)
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
	if (at[0] == 0x45 && at[wrapped_bytes(outer)] >> 4 == 6) {
		outer->is_cut = !get16(at + 6);
		outer->id = outer->is_cut ? get16(at + 4) : 0;
	}
	return protocol == IPPROTO_UDP || protocol == IPPROTO_IPIP || protocol == IPPROTO_IPV6;
}
