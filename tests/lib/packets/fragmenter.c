// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <string.h>

#include "packets/checksum.h"
#include "packets/fragmenter.h"

#define FRAGMENT_HEADER 8U
#define MORE4		0x2000

static void put16(unsigned char *at, __u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void finish4(const struct frame *frame, const struct piece *piece, bool is_last,
		    unsigned char *at)
{
	unsigned int header = packet_transport(frame) - packet_network(frame);

	put16(at + 2, header + piece->bytes);
	put16(at + 4, piece->id);
	put16(at + 6, frame->fragment | piece->from / 8 | (is_last ? 0 : MORE4));
	put16(at + 10, 0);
	put16(at + 10, checksum_field(checksum_add(0, at, header)));
}

static void finish6(const struct frame *frame, const struct piece *piece, bool is_last,
		    unsigned char *at)
{
	unsigned char *header = at + 40;
	__be32 id = htonl(piece->id);

	put16(at + 4, FRAGMENT_HEADER + piece->bytes);
	at[6] = IPPROTO_FRAGMENT;
	header[0] = frame->protocol;
	header[1] = 0;
	put16(header + 2, piece->from | !is_last);
	memcpy(header + 4, &id, sizeof(id));
}

void piece_build(const struct frame *frame, const struct piece *wanted, struct packet *packet)
{
	bool v6 = endpoint_is_v6(&frame->source);
	unsigned int network = packet_network(frame), transport = packet_transport(frame);
	struct piece piece = *wanted;
	struct packet whole;
	unsigned int at;
	bool is_last;

	packet_build(frame, &whole);
	is_last = !piece.bytes || transport + piece.from + piece.bytes >= whole.length;
	if (is_last)
		piece.bytes = whole.length - transport - piece.from;
	at = transport + (v6 ? FRAGMENT_HEADER : 0);
	memcpy(packet->bytes, whole.bytes, transport);
	memcpy(packet->bytes + at, whole.bytes + transport + piece.from, piece.bytes);
	packet->length = at + piece.bytes;
	if (v6)
		finish6(frame, &piece, is_last, packet->bytes + network);
	else
		finish4(frame, &piece, is_last, packet->bytes + network);
}
