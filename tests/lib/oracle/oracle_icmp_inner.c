// SPDX-License-Identifier: GPL-2.0-only
#include "oracle/oracle_icmp_inner.h"

#define ICMP_BYTES 8

bool quote_is_there(const struct packet *packet, const struct layout *layout)
{
	__u8 type;

	if (layout->protocol != (layout->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP) ||
	    layout_is_fragment(layout) || layout->transport + ICMP_BYTES > packet->length)
		return false;
	type = packet->bytes[layout->transport];
	return layout->v6 ? type >= 1 && type <= 4 : type == 3 || type == 11 || type == 12;
}

bool quote_read(const struct packet *packet, const struct layout *layout, struct layout *quoted)
{
	unsigned int at = layout->transport + ICMP_BYTES;
	const unsigned char *ip = packet->bytes + at;

	if (!quote_is_there(packet, layout) || at + (layout->v6 ? 48 : 28) > packet->length ||
	    ip[0] >> 4 != (layout->v6 ? 6 : 4))
		return false;
	*quoted = (struct layout){.v6 = layout->v6, .network = at};
	quoted->protocol = ip[layout->v6 ? 6 : 9];
	quoted->transport = at + (layout->v6 ? 40 : (ip[0] & 15) * 4);
	if (layout->v6 && quoted->protocol == IPPROTO_FRAGMENT) {
		quoted->protocol = ip[40];
		quoted->transport += 8;
	}
	return quoted->transport + 8 <= packet->length;
}

/* As far as it is quoted. */
static void allow(struct ranges *ranges, const struct packet *packet, unsigned int at,
		  unsigned int bytes)
{
	if (at + bytes <= packet->length)
		ranges_allow(ranges, at, bytes);
}

void quote_allow(struct ranges *ranges, const struct packet *packet, const struct layout *layout,
		 bool source, bool destination)
{
	struct layout quoted;

	allow(ranges, packet, layout->transport + 2, 2);
	if (!quote_read(packet, layout, &quoted))
		return;
	if (!quoted.v6)
		allow(ranges, packet, quoted.network + 10, 2);
	if (source)
		allow(ranges, packet, layout_source(&quoted), layout_address_bytes(&quoted));
	if (destination)
		allow(ranges, packet, layout_destination(&quoted), layout_address_bytes(&quoted));
	if (source)
		allow(ranges, packet, quoted.transport, 2);
	if (destination)
		allow(ranges, packet, quoted.transport + 2, 2);
	allow(ranges, packet, layout_transport_sum(&quoted), 2);
}

/* Both are as good as no error. */
static bool same_error(__u16 a, __u16 b)
{
	return a % 0xffffU == b % 0xffffU;
}

const char *quote_sums_hold(const struct packet *in, const struct packet *out,
			    const struct layout *layout)
{
	struct layout quoted;

	if (!same_error(transport_sum(in, layout, layout->v6),
			transport_sum(out, layout, layout->v6)))
		return "the ICMP checksum is not what it was";
	if (quote_read(in, layout, &quoted) && !quoted.v6 &&
	    !same_error(ip_header_sum(in, &quoted), ip_header_sum(out, &quoted)))
		return "the quoted IP header's checksum is not what it was";
	return NULL;
}
