// SPDX-License-Identifier: GPL-2.0-only
#include <linux/if_ether.h>
#include <string.h>

#include "packets/bytes.h"
#include "packets/packet_layout.h"

#define EXTENSIONS_MAX	 4
#define EXTENSIONS_BYTES 256

static __u16 get16(const struct packet *packet, unsigned int at)
{
	return get_be16(packet->bytes + at);
}

static bool read_ipv4(const struct packet *packet, struct layout *layout)
{
	const unsigned char *ip = packet->bytes + layout->network;

	if (layout->network + 20 > packet->length || ip[0] >> 4 != 4 || (ip[0] & 15) < 5)
		return false;
	layout->v6 = false;
	layout->protocol = ip[9];
	layout->fragment = get16(packet, layout->network + 6) & 0x3fff;
	layout->transport = layout->network + (ip[0] & 15) * 4;
	return layout->transport <= packet->length;
}

static bool is_extension(__u8 protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_DSTOPTS;
}

/* Skips one extension header. Returns false if it ends the chain. */
static bool skip_extension(const struct packet *packet, struct layout *layout, bool *had_fragment)
{
	const unsigned char *header = packet->bytes + layout->transport;
	__u8 type = layout->protocol;
	__u16 field;

	if (layout->transport + 8 > packet->length || (type == IPPROTO_FRAGMENT && *had_fragment) ||
	    (type == IPPROTO_ROUTING && header[3]))
		return false;
	layout->protocol = header[0];
	if (type != IPPROTO_FRAGMENT) {
		layout->transport += (header[1] + 1) * 8;
		return layout->transport <= packet->length;
	}
	*had_fragment = true;
	field = get16(packet, layout->transport + 2);
	layout->fragment = field >> 3 | (field & 1 ? 0x2000 : 0);
	layout->transport += 8;
	return true;
}

static void skip_extensions(const struct packet *packet, struct layout *layout)
{
	unsigned int first = layout->transport;
	bool had_fragment = false, more = true;

	for (unsigned int i = 0; i < EXTENSIONS_MAX && more && is_extension(layout->protocol) &&
				 !layout_is_later_fragment(layout);
	     i++)
		more = skip_extension(packet, layout, &had_fragment) &&
		       layout->transport - first <= EXTENSIONS_BYTES;
	if (more && (layout_is_later_fragment(layout) || !is_extension(layout->protocol)))
		return;
	layout->protocol = IPPROTO_RAW;
	layout->transport = first;
	layout->fragment = 0;
}

static bool read_ipv6(const struct packet *packet, struct layout *layout)
{
	const unsigned char *ip = packet->bytes + layout->network;

	if (layout->network + 40 > packet->length || ip[0] >> 4 != 6)
		return false;
	layout->v6 = true;
	layout->protocol = ip[6];
	layout->transport = layout->network + 40;
	layout->fragment = 0;
	skip_extensions(packet, layout);
	return true;
}

bool layout_read(const struct packet *packet, struct layout *layout)
{
	unsigned int at = 2 * ETH_ALEN;

	if (packet->length < ETH_HLEN)
		return false;
	for (unsigned int tags = 0; tags < 2 && ethertype_is_vlan(get16(packet, at)); tags++) {
		at += 4;
		if (at + 2 > packet->length)
			return false;
	}
	layout->network = at + 2;
	if (get16(packet, at) == ETH_P_IP)
		return read_ipv4(packet, layout);
	return get16(packet, at) == ETH_P_IPV6 && read_ipv6(packet, layout);
}

bool layout_is_fragment(const struct layout *layout)
{
	return layout->fragment;
}

bool layout_is_later_fragment(const struct layout *layout)
{
	return layout->fragment & 0x1fff;
}

bool layout_has_ports(const struct packet *packet, const struct layout *layout)
{
	unsigned int left = packet->length - layout->transport;

	if (layout_is_later_fragment(layout))
		return false;
	if (layout->protocol == IPPROTO_TCP)
		return left >= 20 && packet->bytes[layout->transport + 12] >> 4 >= 5;
	return layout->protocol == IPPROTO_UDP && left >= 8;
}

unsigned int ip_packet_bytes(const unsigned char *ip)
{
	return ip[0] >> 4 == 6 ? get_be16(ip + 4) + 40U : get_be16(ip + 2);
}

unsigned int layout_source(const struct layout *layout)
{
	return layout->network + (layout->v6 ? 8 : 12);
}

unsigned int layout_destination(const struct layout *layout)
{
	return layout_source(layout) + layout_address_bytes(layout);
}

unsigned int layout_ttl(const struct layout *layout)
{
	return layout->network + (layout->v6 ? 7 : 8);
}

unsigned int layout_transport_sum(const struct layout *layout)
{
	return layout->transport + (layout->protocol == IPPROTO_TCP ? 16 : 6);
}

unsigned int layout_address_bytes(const struct layout *layout)
{
	return layout->v6 ? 16 : 4;
}

static struct endpoint read_endpoint(const struct packet *packet, const struct layout *layout,
				     unsigned int address, unsigned int port)
{
	struct endpoint endpoint = {.port = get16(packet, port)};
	unsigned int bytes = layout_address_bytes(layout);

	if (!layout->v6)
		endpoint.address.s6_addr[10] = endpoint.address.s6_addr[11] = 0xff;
	memcpy(endpoint.address.s6_addr + 16 - bytes, packet->bytes + address, bytes);
	return endpoint;
}

struct endpoint layout_sender(const struct packet *packet, const struct layout *layout)
{
	return read_endpoint(packet, layout, layout_source(layout), layout->transport);
}

struct endpoint layout_receiver(const struct packet *packet, const struct layout *layout)
{
	return read_endpoint(packet, layout, layout_destination(layout), layout->transport + 2);
}

static void swap(unsigned char *a, unsigned char *b, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++) {
		unsigned char saved = a[i];

		a[i] = b[i];
		b[i] = saved;
	}
}

void layout_reverse(struct packet *packet, const struct layout *layout)
{
	unsigned char *bytes = packet->bytes;

	swap(bytes, bytes + ETH_ALEN, ETH_ALEN);
	swap(bytes + layout_source(layout), bytes + layout_destination(layout),
	     layout_address_bytes(layout));
	swap(bytes + layout->transport, bytes + layout->transport + 2, 2);
}
