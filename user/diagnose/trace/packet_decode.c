// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/trace/packet_decode.h"

#include <netinet/in.h>
#include <string.h>

#define ETHERNET_BYTES 12 /* before the type */
#define IPV4_BYTES     20
#define IPV6_BYTES     40
#define UDP_BYTES      8
#define GUE_PORT       6080
#define VLAN_TAGS_MAX  2

/* Where one is in the frame. */
struct cursor {
	const unsigned char *at;
	size_t left;
};

static __u16 at16(const struct cursor *cursor, size_t offset)
{
	return cursor->at[offset] << 8 | cursor->at[offset + 1];
}

static bool skip(struct cursor *cursor, size_t bytes)
{
	if (cursor->left < bytes)
		return false;
	cursor->at += bytes;
	cursor->left -= bytes;
	return true;
}

static bool skip_ethernet(struct cursor *cursor)
{
	if (!skip(cursor, ETHERNET_BYTES))
		return false;
	for (int i = 0; i < VLAN_TAGS_MAX && cursor->left >= 4; i++)
		if (at16(cursor, 0) == 0x8100 || at16(cursor, 0) == 0x88a8)
			skip(cursor, 4);
	return skip(cursor, 2);
}

static bool read_ipv4(struct headers *headers, struct cursor *cursor, __u8 *protocol)
{
	size_t bytes = (cursor->at[0] & 15) * 4;
	__be32 addresses[2];

	if (cursor->left < IPV4_BYTES || bytes < IPV4_BYTES)
		return false;
	memcpy(addresses, cursor->at + 12, sizeof(addresses));
	address_from_ipv4(addresses[0], headers->source.address);
	address_from_ipv4(addresses[1], headers->destination.address);
	*protocol = at16(cursor, 6) & 0x1fff ? 0 : cursor->at[9]; /* else no ports here */
	return skip(cursor, bytes);
}

static bool read_ipv6(struct headers *headers, struct cursor *cursor, __u8 *protocol)
{
	if (cursor->left < IPV6_BYTES)
		return false;
	memcpy(headers->source.address, cursor->at + 8, 16);
	memcpy(headers->destination.address, cursor->at + 24, 16);
	*protocol = cursor->at[6];
	return skip(cursor, IPV6_BYTES);
}

/* The IP header; `protocol` is of what is behind it. */
static bool read_network(struct headers *headers, struct cursor *cursor, __u8 *protocol)
{
	if (!cursor->left)
		return false;
	switch (cursor->at[0] >> 4) {
	case 4:
		return read_ipv4(headers, cursor, protocol);
	case 6:
		return read_ipv6(headers, cursor, protocol);
	default:
		return false;
	}
}

/* Goes on to what is in a tunnel; false if it is none. */
static bool skip_tunnel(struct cursor *cursor, __u8 protocol)
{
	if (protocol == IPPROTO_IPIP || protocol == IPPROTO_IPV6)
		return true;
	if (protocol != IPPROTO_UDP || cursor->left <= UDP_BYTES || at16(cursor, 2) != GUE_PORT)
		return false;
	return skip(cursor, UDP_BYTES);
}

static void read_ports(struct headers *headers, const struct cursor *cursor, __u8 protocol)
{
	if ((protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) || cursor->left < 4)
		return;
	memcpy(&headers->source.port, cursor->at, 2);
	memcpy(&headers->destination.port, cursor->at + 2, 2);
	headers->source.protocol = headers->destination.protocol = protocol;
}

bool packet_decode(struct headers *headers, const void *frame, size_t bytes)
{
	struct cursor cursor = {frame, bytes}, inner_cursor;
	struct headers outer = {0}, inner = {0};
	__u8 protocol = 0, inner_protocol = 0;

	if (!skip_ethernet(&cursor) || !read_network(&outer, &cursor, &protocol))
		return false;
	inner_cursor = cursor;
	if (skip_tunnel(&inner_cursor, protocol) &&
	    read_network(&inner, &inner_cursor, &inner_protocol)) {
		inner.is_encapsulated = true;
		memcpy(inner.outer_destination, outer.destination.address,
		       sizeof(inner.outer_destination));
		read_ports(&inner, &inner_cursor, inner_protocol);
		*headers = inner;
		return true;
	}
	read_ports(&outer, &cursor, protocol);
	*headers = outer;
	return true;
}
