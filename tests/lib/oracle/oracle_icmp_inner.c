// SPDX-License-Identifier: GPL-2.0-only
#include "oracle/oracle_icmp_inner.h"

#define ICMP_BYTES 8

bool inner_is_present(const struct packet *packet, const struct layout *layout)
{
	__u8 type;

	if (layout->protocol != (layout->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP) ||
	    layout_is_fragment(layout) || layout->transport + ICMP_BYTES > packet->length)
		return false;
	type = packet->bytes[layout->transport];
	return layout->v6 ? type >= 1 && type <= 4 : type == 3 || type == 11 || type == 12;
}

bool inner_read(const struct packet *packet, const struct layout *layout, struct layout *inner)
{
	unsigned int at = layout->transport + ICMP_BYTES;
	const unsigned char *ip = packet->bytes + at;

	if (!inner_is_present(packet, layout) || at + (layout->v6 ? 48 : 28) > packet->length ||
	    ip[0] >> 4 != (layout->v6 ? 6 : 4))
		return false;
	*inner = (struct layout){.v6 = layout->v6, .network = at};
	inner->protocol = ip[layout->v6 ? 6 : 9];
	inner->transport = at + (layout->v6 ? 40 : (ip[0] & 15) * 4);
	if (layout->v6 && inner->protocol == IPPROTO_FRAGMENT) {
		inner->protocol = ip[40];
		inner->transport += 8;
	}
	return inner->transport + 8 <= packet->length;
}

/* Allows a field if it lies in the packet. */
static void allow(struct ranges *ranges, const struct packet *packet, unsigned int at,
		  unsigned int bytes)
{
	if (at + bytes <= packet->length)
		ranges_allow(ranges, at, bytes);
}

void inner_allow(struct ranges *ranges, const struct packet *packet, const struct layout *layout,
		 bool source, bool destination)
{
	struct layout inner;

	allow(ranges, packet, layout->transport + 2, 2);
	if (!inner_read(packet, layout, &inner))
		return;
	if (!inner.v6)
		allow(ranges, packet, inner.network + 10, 2);
	if (source)
		allow(ranges, packet, layout_source(&inner), layout_address_bytes(&inner));
	if (destination)
		allow(ranges, packet, layout_destination(&inner), layout_address_bytes(&inner));
	if (source)
		allow(ranges, packet, inner.transport, 2);
	if (destination)
		allow(ranges, packet, inner.transport + 2, 2);
	allow(ranges, packet, layout_transport_sum(&inner), 2);
}

/* 0 and 65535 are the same error in one's complement. */
static bool same_error(__u16 a, __u16 b)
{
	return a % 0xffffU == b % 0xffffU;
}

const char *inner_check_sums(const struct packet *in, const struct packet *out,
			     const struct layout *layout)
{
	struct layout inner;

	if (!same_error(transport_sum(in, layout, layout->v6),
			transport_sum(out, layout, layout->v6)))
		return "ICMP checksum error changed";
	if (inner_read(in, layout, &inner) && !inner.v6 &&
	    !same_error(ip_header_sum(in, &inner), ip_header_sum(out, &inner)))
		return "inner IPv4 header checksum error changed";
	return NULL;
}
