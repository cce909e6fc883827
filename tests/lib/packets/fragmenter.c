// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <string.h>

#include "packets/checksum.h"
#include "packets/fragmenter.h"

#define FRAGMENT_HEADER 8U
#define MORE_FRAGMENTS4 0x2000

static void put16(unsigned char *at, __u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void set_header4(const struct frame *frame, const struct ip_fragment *ip_fragment,
			bool is_last, unsigned char *at)
{
	unsigned int header = packet_transport(frame) - packet_network(frame);

	put16(at + 2, header + ip_fragment->bytes);
	put16(at + 4, ip_fragment->id);
	put16(at + 6, frame->fragment | ip_fragment->from / 8 | (is_last ? 0 : MORE_FRAGMENTS4));
	put16(at + 10, 0);
	put16(at + 10, checksum_field(checksum_add(0, at, header)));
}

static void set_header6(const struct frame *frame, const struct ip_fragment *ip_fragment,
			bool is_last, unsigned char *at)
{
	unsigned char *header = at + 40;
	__be32 id = htonl(ip_fragment->id);

	put16(at + 4, FRAGMENT_HEADER + ip_fragment->bytes);
	at[6] = IPPROTO_FRAGMENT;
	header[0] = frame->protocol;
	header[1] = 0;
	put16(header + 2, ip_fragment->from | !is_last);
	memcpy(header + 4, &id, sizeof(id));
}

void ip_fragment_build(const struct frame *frame, const struct ip_fragment *wanted,
		       struct packet *packet)
{
	bool v6 = endpoint_is_v6(&frame->source);
	unsigned int network = packet_network(frame), transport = packet_transport(frame);
	struct ip_fragment ip_fragment = *wanted;
	struct packet whole;
	unsigned int at;
	bool is_last;

	packet_build(frame, &whole);
	is_last = !ip_fragment.bytes ||
		  transport + ip_fragment.from + ip_fragment.bytes >= whole.length;
	if (is_last)
		ip_fragment.bytes = whole.length - transport - ip_fragment.from;
	at = transport + (v6 ? FRAGMENT_HEADER : 0);
	memcpy(packet->bytes, whole.bytes, transport);
	memcpy(packet->bytes + at, whole.bytes + transport + ip_fragment.from, ip_fragment.bytes);
	packet->length = at + ip_fragment.bytes;
	if (v6)
		set_header6(frame, &ip_fragment, is_last, packet->bytes + network);
	else
		set_header4(frame, &ip_fragment, is_last, packet->bytes + network);
}
