// SPDX-License-Identifier: GPL-2.0-only
#include "packets/packet_diff.h"

#include <linux/if_ether.h>
#include <string.h>

#include "packets/checksum.h"

void ranges_allow(struct ranges *ranges, unsigned int at, unsigned int bytes)
{
	ranges->range[ranges->count++] = (struct range){at, bytes};
}

void ranges_allow_ttl(struct ranges *ranges, const struct layout *layout)
{
	ranges_allow(ranges, layout_ttl(layout), 1);
	if (!layout->v6)
		ranges_allow(ranges, layout->network + 10, 2);
}

void ranges_allow_forwarding(struct ranges *ranges, const struct layout *layout, bool is_sent)
{
	if (is_sent)
		ranges_allow(ranges, 0, 2 * ETH_ALEN);
	ranges_allow_ttl(ranges, layout);
}

bool differs_only_in(const struct packet *in, const struct packet *out, const struct ranges *ranges)
{
	unsigned int at = 0;

	if (in->length != out->length)
		return false;
	for (unsigned int i = 0; i < ranges->count; i++) {
		if (memcmp(in->bytes + at, out->bytes + at, ranges->range[i].at - at))
			return false;
		at = ranges->range[i].at + ranges->range[i].bytes;
	}
	return !memcmp(in->bytes + at, out->bytes + at, in->length - at);
}

bool differs_by_swap(const struct packet *in, const struct packet *out, unsigned int a,
		     unsigned int b, unsigned int bytes)
{
	return !memcmp(in->bytes + a, out->bytes + b, bytes) &&
	       !memcmp(in->bytes + b, out->bytes + a, bytes);
}

__u16 ip_header_sum(const struct packet *packet, const struct layout *layout)
{
	return checksum_field(checksum_add(0, packet->bytes + layout->network,
					   layout->transport - layout->network));
}

/*
 * Sum of the bytes from the transport header to the packet's end, optionally with the addresses.
 * Lengths are left out because they do not change.
 */
__u16 transport_sum(const struct packet *packet, const struct layout *layout, bool with_addresses)
{
	__u32 sum = checksum_add(0, packet->bytes + layout->transport,
				 packet->length - layout->transport);

	if (with_addresses)
		sum = checksum_add(sum, packet->bytes + layout_source(layout),
				   2 * layout_address_bytes(layout));
	return checksum_field(sum);
}

bool has_no_checksum(const struct packet *packet, const struct layout *layout)
{
	unsigned int at = layout_transport_sum(layout);

	return layout->protocol == IPPROTO_UDP && !packet->bytes[at] && !packet->bytes[at + 1];
}

const char *check_ttl_decrement(const struct packet *in, const struct packet *out,
				const struct layout *layout)
{
	unsigned int ttl = layout_ttl(layout);

	if (in->bytes[ttl] < 2 || out->bytes[ttl] != in->bytes[ttl] - 1)
		return "TTL is not decremented by one";
	if (!layout->v6 && ip_header_sum(in, layout) != ip_header_sum(out, layout))
		return "IPv4 header checksum error changed";
	return NULL;
}

const char *check_rewrite(const struct packet *in, const struct packet *out,
			  const struct layout *layout, const struct ranges *ranges)
{
	if (!differs_only_in(in, out, ranges))
		return "bytes outside the translated fields differ";
	return check_ttl_decrement(in, out, layout);
}

/* A UDP packet without a checksum stays without one, and a checksum is never removed. */
const char *check_checksums(const struct packet *in, const struct packet *out,
			    const struct layout *layout)
{
	if (has_no_checksum(in, layout) != has_no_checksum(out, layout))
		return "a UDP checksum was added or removed";
	if (!has_no_checksum(in, layout) &&
	    transport_sum(in, layout, true) != transport_sum(out, layout, true))
		return "transport checksum error changed";
	return NULL;
}
