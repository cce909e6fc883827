// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "packets/bytes.h"
#include "packets/checksum.h"
#include "packets/fragmenter.h"

#define FRAGMENT_HEADER 8U
#define MORE_FRAGMENTS4 0x2000

static void set_header4(const struct packet_spec *spec, const struct ip_fragment *ip_fragment,
			bool is_last, unsigned char *at)
{
	unsigned int header = packet_transport(spec) - packet_network(spec);

	put_be16(at + 2, header + ip_fragment->bytes);
	put_be16(at + 4, ip_fragment->id);
	put_be16(at + 6, spec->fragment | ip_fragment->from / 8 | (is_last ? 0 : MORE_FRAGMENTS4));
	checksum_set_ipv4(at);
}

static void set_header6(const struct packet_spec *spec, const struct ip_fragment *ip_fragment,
			bool is_last, unsigned char *at)
{
	unsigned char *header = at + 40;

	put_be16(at + 4, FRAGMENT_HEADER + ip_fragment->bytes);
	at[6] = IPPROTO_FRAGMENT;
	header[0] = spec->protocol;
	header[1] = 0;
	put_be16(header + 2, ip_fragment->from | !is_last);
	put_be32(header + 4, ip_fragment->id);
}

void ip_fragment_build(const struct packet_spec *spec, const struct ip_fragment *wanted,
		       struct packet *packet)
{
	bool v6 = endpoint_is_v6(&spec->source);
	unsigned int network = packet_network(spec), transport = packet_transport(spec);
	struct ip_fragment ip_fragment = *wanted;
	struct packet whole;
	unsigned int at;
	bool is_last;

	packet_build(spec, &whole);
	is_last = !ip_fragment.bytes ||
		  transport + ip_fragment.from + ip_fragment.bytes >= whole.length;
	if (is_last)
		ip_fragment.bytes = whole.length - transport - ip_fragment.from;
	at = transport + (v6 ? FRAGMENT_HEADER : 0);
	memcpy(packet->bytes, whole.bytes, transport);
	memcpy(packet->bytes + at, whole.bytes + transport + ip_fragment.from, ip_fragment.bytes);
	packet->length = at + ip_fragment.bytes;
	if (v6)
		set_header6(spec, &ip_fragment, is_last, packet->bytes + network);
	else
		set_header4(spec, &ip_fragment, is_last, packet->bytes + network);
}
