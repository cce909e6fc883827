// SPDX-License-Identifier: GPL-2.0-only
#include "diagnose/trace/packet_decode.h"

#include <netinet/in.h>
#include <string.h>

#include "diagnose/packet_headers.h"

#define MAC_ADDRESSES_BYTES 12
#define TYPE_BYTES	    2
#define TYPE_VLAN	    0x8100
#define TYPE_QINQ	    0x88a8
#define VLAN_TAGS_MAX	    2

_Static_assert(MAC_ADDRESSES_BYTES + TYPE_BYTES == ETHERNET_BYTES, "an untagged header");

/* The rest of the frame. */
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
	if (!skip(cursor, MAC_ADDRESSES_BYTES))
		return false;
	for (int i = 0; i < VLAN_TAGS_MAX && cursor->left >= VLAN_TAG_BYTES; i++)
		if (at16(cursor, 0) == TYPE_VLAN || at16(cursor, 0) == TYPE_QINQ)
			skip(cursor, VLAN_TAG_BYTES);
	return skip(cursor, TYPE_BYTES);
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
	*protocol = at16(cursor, 6) & 0x1fff ? 0 : cursor->at[9]; /* later fragments lack ports */
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

/* Reads the IP header and the protocol of its payload; false if there is none. */
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

/* Advances to the inner IP header; false if the packet is not encapsulated. */
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
