// SPDX-License-Identifier: GPL-2.0-only
#include <linux/if_ether.h>
#include <string.h>

#include "packets/bytes.h"
#include "packets/checksum.h"
#include "packets/packet_layout.h"
#include "packets/tunnel_builder.h"

#define IP4_BYTES 20U
#define IP6_BYTES 40U
#define UDP_BYTES 8U

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

/*
 * The outer IPv4 identification: for a fragment it includes the offset, so that each fragment gets
 * its own.
 */
static __u16 fragment_ip_id(const unsigned char *inner)
{
	return get_be16(inner + 4) ^ (get_be16(inner + 6) & 0x1fff);
}

static void build_ip4(unsigned char *at, const struct outer *outer, const unsigned char *inner,
		      unsigned int length)
{
	bool v4 = inner[0] >> 4 == 4;

	at[0] = 0x45;
	at[1] = traffic_class(inner);
	put_be16(at + 2, IP4_BYTES + length);
	put_be16(at + 4, v4 ? fragment_ip_id(inner) : outer->id);
	put_be16(at + 6, v4 ? get_be16(inner + 6) & 0x4000 : outer->may_fragment ? 0 : 0x4000);
	at[8] = 64;
	at[9] = outer_protocol(outer, inner);
	memcpy(at + 12, outer->source.address.s6_addr + 12, 4);
	memcpy(at + 16, outer->destination.address.s6_addr + 12, 4);
	checksum_set_ipv4(at);
}

static void build_ip6(unsigned char *at, const struct outer *outer, const unsigned char *inner,
		      unsigned int length)
{
	put_be32(at, 6U << 28 | (__u32)traffic_class(inner) << 20 | outer->label);
	put_be16(at + 4, length);
	at[6] = outer_protocol(outer, inner);
	at[7] = 64;
	memcpy(at + 8, &outer->source.address, 16);
	memcpy(at + 24, &outer->destination.address, 16);
}

/* True if the inner packet has a transport checksum. */
static bool has_checksum(const unsigned char *inner)
{
	bool v4 = inner[0] >> 4 == 4;
	const unsigned char *transport = inner + (v4 ? (inner[0] & 15) * 4U : IP6_BYTES);

	return (v4 ? inner[9] : inner[6]) == IPPROTO_TCP || get_be16(transport + 6);
}

static void build_udp(unsigned char *at, const struct outer *outer, const unsigned char *inner,
		      unsigned int length)
{
	__u32 sum = IPPROTO_UDP + length;
	__u16 field;

	put_be16(at, outer->source.port);
	put_be16(at + 2, TUNNEL_GUE_PORT);
	put_be16(at + 4, length);
	put_be16(at + 6, 0);
	if (!endpoint_is_v6(&outer->destination) || outer->no_checksum || !has_checksum(inner))
		return;
	sum = checksum_add(sum, &outer->source.address, 16);
	sum = checksum_add(sum, &outer->destination.address, 16);
	field = checksum_field(checksum_add(sum, at, length));
	put_be16(at + 6, field ? field : 0xffff);
}

void tunnel_build(const struct packet *inner, unsigned int network, const struct outer *outer,
		  struct packet *packet)
{
	bool v6 = endpoint_is_v6(&outer->destination);
	unsigned int added = tunnel_overhead(outer), header = ip_bytes(outer);
	const unsigned char *inner_ip = inner->bytes + network;
	unsigned char *at = packet->bytes + network;
	unsigned int length = ip_packet_bytes(inner_ip) + added - header;

	memset(packet, 0, sizeof(*packet));
	packet->length = inner->length + added;
	memcpy(packet->bytes, inner->bytes, network);
	put_be16(at - 2, v6 ? ETH_P_IPV6 : ETH_P_IP);
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
		outer->label = (at[1] & 15) << 16 | get_be16(at + 2);
	} else {
		return false;
	}
	if (protocol == IPPROTO_UDP)
		outer->source.port = get_be16(at + ip_bytes(outer));
	if (at[0] == 0x45 && at[tunnel_overhead(outer)] >> 4 == 6) {
		outer->may_fragment = !get_be16(at + 6);
		outer->id = outer->may_fragment ? get_be16(at + 4) : 0;
	}
	return protocol == IPPROTO_UDP || protocol == IPPROTO_IPIP || protocol == IPPROTO_IPV6;
}
