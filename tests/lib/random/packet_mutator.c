// SPDX-License-Identifier: GPL-2.0-only
#include <linux/if_ether.h>
#include <string.h>

#include "packets/bytes.h"
#include "packets/packet_layout.h"
#include "random/fixture_config.h"
#include "random/packet_mutator.h"

#define HEADERS 96U /* bytes that contain most headers */

/* A random offset, mostly in the headers. */
static unsigned int draw_offset(const struct packet *packet, struct prng *prng)
{
	unsigned int range = packet->length;

	if (range > HEADERS && !prng_one_in(prng, 8))
		range = HEADERS;
	return prng_below(prng, range);
}

static void flip_bit(struct packet *packet, struct prng *prng)
{
	packet->bytes[draw_offset(packet, prng)] ^= 1 << prng_below(prng, 8);
}

static void flip_bits(struct packet *packet, struct prng *prng)
{
	unsigned int count = 2 + prng_below(prng, 14);

	while (count--)
		flip_bit(packet, prng);
}

static void set_byte(struct packet *packet, struct prng *prng)
{
	static const __u8 values[] = {0,    1,	  2,	4,    5,    6,	  8,	17,   20,
				      0x2c, 0x3a, 0x40, 0x44, 0x45, 0x46, 0x4f, 0x50, 0x60,
				      0x65, 0x7f, 0x80, 0x81, 0x88, 0xf0, 0xfe, 0xff};
	unsigned int at = draw_offset(packet, prng);

	packet->bytes[at] = prng_one_in(prng, 4) ? prng_next(prng) : prng_pick(prng, values);
}

static void put_within(struct packet *packet, unsigned int at, __u16 value)
{
	if (at + 2 <= packet->length)
		put_be16(packet->bytes + at, value);
}

static void set_word(struct packet *packet, struct prng *prng)
{
	static const __u16 values[] = {0,      1,      7,      8,      19,     20,     21,
				       40,     0x1fff, 0x2000, 0x3fff, 0x4000, 0x5fff, 0x7fff,
				       0x8000, 0x8100, 0x88a8, 0x0800, 0x86dd, 0xfffe, 0xffff};

	put_within(packet, draw_offset(packet, prng) & ~1U, prng_pick(prng, values));
}

static void add_to_byte(struct packet *packet, struct prng *prng)
{
	packet->bytes[draw_offset(packet, prng)] += prng_one_in(prng, 2) ? 1 : -1;
}

/* Sets a header field that the datapath reads to a random value. */
static void set_field(struct packet *packet, struct prng *prng)
{
	static const unsigned char network[] = {0, 2, 4, 6, 7, 8, 9, 10};
	static const unsigned char transport[] = {0, 2, 4, 6, 12, 13, 16};
	struct layout layout;
	unsigned int at;

	if (!layout_read(packet, &layout))
		return;
	if (prng_one_in(prng, 2))
		at = layout.network + prng_pick(prng, network);
	else
		at = layout.transport + prng_pick(prng, transport);
	if (at < packet->length)
		packet->bytes[at] = prng_next(prng);
}

static struct endpoint draw_endpoint(struct prng *prng)
{
	if (prng_one_in(prng, 8))
		return prng_one_in(prng, 2) ? fixture_snat_source.first4
					    : fixture_snat_source.first6;
	if (prng_one_in(prng, 2))
		return fixture_services[prng_below(prng, fixture_service_count)].endpoint;
	return fixture_backends[prng_below(prng, fixture_backend_count)].endpoint;
}

/*
 * Sets the source or destination to an endpoint of the fixture; of the other IP version, to its
 * last bytes.
 */
static void set_endpoint(struct packet *packet, struct prng *prng)
{
	struct endpoint endpoint = draw_endpoint(prng);
	bool is_source = prng_one_in(prng, 2);
	struct layout layout;
	unsigned int bytes;

	if (!layout_read(packet, &layout))
		return;
	bytes = layout_address_bytes(&layout);
	memcpy(packet->bytes + (is_source ? layout_source(&layout) : layout_destination(&layout)),
	       endpoint.address.s6_addr + 16 - bytes, bytes);
	put_within(packet, layout.transport + (is_source ? 0 : 2), endpoint.port);
}

static void reverse(struct packet *packet, struct prng *prng)
{
	struct layout layout;

	(void)prng;
	if (layout_read(packet, &layout) && layout_has_ports(packet, &layout))
		layout_reverse(packet, &layout);
}

static void shorten(struct packet *packet, struct prng *prng)
{
	unsigned int range = packet->length - MUTATOR_LENGTH_MIN + 1;

	if (range > HEADERS && !prng_one_in(prng, 4))
		range = HEADERS;
	packet->length = MUTATOR_LENGTH_MIN + prng_below(prng, range);
}

static void lengthen(struct packet *packet, struct prng *prng)
{
	unsigned int space = PACKET_MAX - packet->length, more;

	more = prng_below(prng, prng_one_in(prng, 50) || space < 64 ? space + 1 : 64);
	for (unsigned int i = 0; i < more; i++)
		packet->bytes[packet->length++] = prng->state >> i % 8 * 8;
}

static void insert_tag(struct packet *packet, struct prng *prng)
{
	static const __u16 types[] = {ETH_P_8021Q, ETH_P_8021Q, ETH_P_8021AD, ETH_P_QINQ1};
	__u16 type = prng_pick(prng, types);
	unsigned char tag[4] = {type >> 8, type, prng->state >> 8, prng->state};

	packet_insert(packet, 2 * ETH_ALEN, tag, sizeof(tag));
}

/* Sets the length of the IPv4 or TCP header without moving the bytes behind it. */
static void set_header_length(struct packet *packet, struct prng *prng)
{
	struct layout layout;
	unsigned int at;

	if (!layout_read(packet, &layout))
		return;
	at = prng_one_in(prng, 2) ? layout.network : layout.transport + 12;
	if (at >= packet->length)
		return;
	if (at == layout.network)
		packet->bytes[at] = (packet->bytes[at] & 0xf0) | prng_below(prng, 16);
	else
		packet->bytes[at] = (packet->bytes[at] & 0x0f) | prng_below(prng, 16) << 4;
}

static void insert_bytes(struct packet *packet, struct prng *prng)
{
	unsigned char bytes[40];
	unsigned int count = 1 + prng_below(prng, sizeof(bytes));

	for (unsigned int i = 0; i < count; i++)
		bytes[i] = prng->state >> i % 7 * 8;
	packet_insert(packet, draw_offset(packet, prng), bytes, count);
}

static void remove_bytes(struct packet *packet, struct prng *prng)
{
	unsigned int count = 1 + prng_below(prng, 40);

	if (packet->length >= MUTATOR_LENGTH_MIN + count)
		packet_remove(packet, draw_offset(packet, prng), count);
}

/* Copies a part of the packet over another part. */
static void repeat_bytes(struct packet *packet, struct prng *prng)
{
	unsigned int from = draw_offset(packet, prng), to = draw_offset(packet, prng);
	unsigned int last = from > to ? from : to, count = 1 + prng_below(prng, 20);

	if (count <= packet->length - last)
		memmove(packet->bytes + to, packet->bytes + from, count);
}

static void fill(struct packet *packet, struct prng *prng)
{
	static const unsigned char values[] = {0, 0xff, 0x45, 0x81};
	unsigned int at = draw_offset(packet, prng), count = 1 + prng_below(prng, 20);

	if (count <= packet->length - at)
		memset(packet->bytes + at, prng_pick(prng, values), count);
}

void packet_mutate(struct packet *packet, struct prng *prng)
{
	static void (*const mutations[])(struct packet *, struct prng *) = {
		flip_bit, flip_bits,	set_byte,     set_word,	    add_to_byte,  set_field,
		shorten,  lengthen,	insert_tag,   set_endpoint, set_endpoint, set_header_length,
		reverse,  insert_bytes, remove_bytes, repeat_bytes, fill,	  set_field,
	};

	prng_pick(prng, mutations)(packet, prng);
}
