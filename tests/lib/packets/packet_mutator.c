// SPDX-License-Identifier: GPL-2.0-only
#include <linux/if_ether.h>
#include <string.h>

#include "packets/packet_layout.h"
#include "packets/packet_mutator.h"
#include "rig/fixture_config.h"

#define HEADERS 96U /* bytes that most headers lie in */

/* A byte of the packet, mostly of its headers. */
static unsigned int draw_place(const struct packet *packet, struct dice *dice)
{
	unsigned int range = packet->length;

	if (range > HEADERS && !dice_one_in(dice, 8))
		range = HEADERS;
	return dice_below(dice, range);
}

static void flip_bit(struct packet *packet, struct dice *dice)
{
	packet->bytes[draw_place(packet, dice)] ^= 1 << dice_below(dice, 8);
}

static void flip_bits(struct packet *packet, struct dice *dice)
{
	unsigned int count = 2 + dice_below(dice, 14);

	while (count--)
		flip_bit(packet, dice);
}

static void set_byte(struct packet *packet, struct dice *dice)
{
	static const __u8 values[] = {0,    1,	  2,	4,    5,    6,	  8,	17,   20,
				      0x2c, 0x3a, 0x40, 0x44, 0x45, 0x46, 0x4f, 0x50, 0x60,
				      0x65, 0x7f, 0x80, 0x81, 0x88, 0xf0, 0xfe, 0xff};
	unsigned int at = draw_place(packet, dice);

	packet->bytes[at] = dice_one_in(dice, 4) ? dice_word(dice) : dice_pick(dice, values);
}

static void put16(struct packet *packet, unsigned int at, __u16 value)
{
	if (at + 2 > packet->length)
		return;
	packet->bytes[at] = value >> 8;
	packet->bytes[at + 1] = value;
}

static void set_word(struct packet *packet, struct dice *dice)
{
	static const __u16 values[] = {0,      1,      7,      8,      19,     20,     21,
				       40,     0x1fff, 0x2000, 0x3fff, 0x4000, 0x5fff, 0x7fff,
				       0x8000, 0x8100, 0x88a8, 0x0800, 0x86dd, 0xfffe, 0xffff};

	put16(packet, draw_place(packet, dice) & ~1U, dice_pick(dice, values));
}

static void add_to_byte(struct packet *packet, struct dice *dice)
{
	packet->bytes[draw_place(packet, dice)] += dice_one_in(dice, 2) ? 1 : -1;
}

/* One of the fields by which the program goes, to any value. */
static void set_field(struct packet *packet, struct dice *dice)
{
	static const unsigned char network[] = {0, 2, 4, 6, 7, 8, 9, 10};
	static const unsigned char transport[] = {0, 2, 4, 6, 12, 13, 16};
	struct layout layout;
	unsigned int at;

	if (!layout_read(packet, &layout))
		return;
	if (dice_one_in(dice, 2))
		at = layout.network + dice_pick(dice, network);
	else
		at = layout.transport + dice_pick(dice, transport);
	if (at < packet->length)
		packet->bytes[at] = dice_word(dice);
}

static struct endpoint draw_endpoint(struct dice *dice)
{
	if (dice_one_in(dice, 8))
		return dice_one_in(dice, 2) ? cast_snat_source.first4 : cast_snat_source.first6;
	if (dice_one_in(dice, 2))
		return cast_services[dice_below(dice, cast_service_count)].endpoint;
	return cast_backends[dice_below(dice, cast_backend_count)].endpoint;
}

/* Lets it come from, or go to, one of the cast; if of the other IP version, with what fits. */
static void set_endpoint(struct packet *packet, struct dice *dice)
{
	struct endpoint endpoint = draw_endpoint(dice);
	bool is_source = dice_one_in(dice, 2);
	struct layout layout;
	unsigned int bytes;

	if (!layout_read(packet, &layout))
		return;
	bytes = layout_address_bytes(&layout);
	memcpy(packet->bytes + (is_source ? layout_source(&layout) : layout_destination(&layout)),
	       endpoint.address.s6_addr + 16 - bytes, bytes);
	put16(packet, layout.transport + (is_source ? 0 : 2), endpoint.port);
}

static void turn(struct packet *packet, struct dice *dice)
{
	struct layout layout;

	(void)dice;
	if (layout_read(packet, &layout) && layout_has_ports(packet, &layout))
		layout_turn(packet, &layout);
}

static void cut(struct packet *packet, struct dice *dice)
{
	unsigned int range = packet->length - MUTATE_LENGTH_MIN + 1;

	if (range > HEADERS && !dice_one_in(dice, 4))
		range = HEADERS;
	packet->length = MUTATE_LENGTH_MIN + dice_below(dice, range);
}

static void lengthen(struct packet *packet, struct dice *dice)
{
	unsigned int room = PACKET_MAX - packet->length, more;

	more = dice_below(dice, dice_one_in(dice, 50) || room < 64 ? room + 1 : 64);
	for (unsigned int i = 0; i < more; i++)
		packet->bytes[packet->length++] = dice->state >> i % 8 * 8;
}

static void insert_tag(struct packet *packet, struct dice *dice)
{
	static const __u16 types[] = {ETH_P_8021Q, ETH_P_8021Q, ETH_P_8021AD, ETH_P_QINQ1};
	__u16 type = dice_pick(dice, types);
	unsigned char tag[4] = {type >> 8, type, dice->state >> 8, dice->state};

	packet_insert(packet, 2 * ETH_ALEN, tag, sizeof(tag));
}

/* IPv4 options, or whatever a header's length leaves room for; the rest is not moved. */
static void set_header_length(struct packet *packet, struct dice *dice)
{
	struct layout layout;
	unsigned int at;

	if (!layout_read(packet, &layout))
		return;
	at = dice_one_in(dice, 2) ? layout.network : layout.transport + 12;
	if (at >= packet->length)
		return;
	if (at == layout.network)
		packet->bytes[at] = (packet->bytes[at] & 0xf0) | dice_below(dice, 16);
	else
		packet->bytes[at] = (packet->bytes[at] & 0x0f) | dice_below(dice, 16) << 4;
}

static void insert_bytes(struct packet *packet, struct dice *dice)
{
	unsigned char bytes[40];
	unsigned int count = 1 + dice_below(dice, sizeof(bytes));

	for (unsigned int i = 0; i < count; i++)
		bytes[i] = dice->state >> i % 7 * 8;
	packet_insert(packet, draw_place(packet, dice), bytes, count);
}

static void remove_bytes(struct packet *packet, struct dice *dice)
{
	unsigned int count = 1 + dice_below(dice, 40);

	if (packet->length >= MUTATE_LENGTH_MIN + count)
		packet_remove(packet, draw_place(packet, dice), count);
}

/* A piece of the packet, over another. */
static void repeat_bytes(struct packet *packet, struct dice *dice)
{
	unsigned int from = draw_place(packet, dice), to = draw_place(packet, dice);
	unsigned int last = from > to ? from : to, count = 1 + dice_below(dice, 20);

	if (count <= packet->length - last)
		memmove(packet->bytes + to, packet->bytes + from, count);
}

static void fill(struct packet *packet, struct dice *dice)
{
	static const unsigned char values[] = {0, 0xff, 0x45, 0x81};
	unsigned int at = draw_place(packet, dice), count = 1 + dice_below(dice, 20);

	if (count <= packet->length - at)
		memset(packet->bytes + at, dice_pick(dice, values), count);
}

void mutate(struct packet *packet, struct dice *dice)
{
	static void (*const mutations[])(struct packet *, struct dice *) = {
		flip_bit, flip_bits,	set_byte,     set_word,	    add_to_byte,  set_field,
		cut,	  lengthen,	insert_tag,   set_endpoint, set_endpoint, set_header_length,
		turn,	  insert_bytes, remove_bytes, repeat_bytes, fill,	  set_field,
	};

	dice_pick(dice, mutations)(packet, dice);
}
