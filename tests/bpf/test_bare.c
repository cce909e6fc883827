// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets without ports of their own, for backends that have the service's address:
 * ICMP errors and the rest of fragmented packets reach them unchanged, by hardware
 * address or in the same tunnel as the packets of their flow.
 */
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>

#include "checksum.h"
#include "expect.h"
#include "message.h"
#include "piece.h"
#include "stage.h"

#define OUTER4 20U
#define OUTER6 40U
#define UDP    8U

static struct stage stage;

/* A way of forwarding, of one IP version. */
struct way {
	const char *name; /* the service's */
	unsigned int number; /* of its address */
	bool v6;
	const char *flags;
};

static const struct way ways[] = {
	{"dsr4", 20, false, "--forward dsr"},	{"dsr6", 20, true, "--forward dsr"},
	{"ipip4", 21, false, "--forward ipip"}, {"ipip6", 21, true, "--forward ipip"},
	{"gue4", 22, false, "--forward gue"},	{"gue6", 22, true, "--forward gue"},
};

static bool is_tunnel(const struct way *way)
{
	return way->number != 20;
}

static bool is_gue(const struct way *way)
{
	return way->number == 22;
}

static void put16(unsigned char *at, __u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put_outer4(const struct way *way, unsigned char *at, const unsigned char *got,
		       const unsigned char *inner, unsigned int bytes)
{
	struct endpoint backend = stage_endpoint(false, 2, 11);

	at[0] = 0x45;
	at[1] = inner[1];
	put16(at + 2, OUTER4 + bytes);
	at[4] = inner[4] ^ (inner[6] & 0x1f); /* a number for each piece */
	at[5] = inner[5] ^ inner[7];
	put16(at + 6, 0);
	at[8] = 64;
	at[9] = is_gue(way) ? IPPROTO_UDP : IPPROTO_IPIP;
	put16(at + 10, 0);
	at[12] = 172; /* 172.16.0.0/16, the rest by the hash */
	at[13] = 16;
	memcpy(at + 14, got + 14, 2);
	memcpy(at + 16, backend.address.s6_addr + 12, 4);
	put16(at + 10, checksum_field(checksum_add(0, at, OUTER4)));
}

static void put_outer6(const struct way *way, unsigned char *at, const unsigned char *got,
		       unsigned int bytes)
{
	struct endpoint backend = stage_endpoint(true, 2, 11);

	memcpy(at, got, OUTER6); /* label and source: by the hash */
	at[0] = 0x61;
	at[1] = 0x20 | (got[1] & 15);
	put16(at + 4, bytes);
	at[6] = is_gue(way) ? IPPROTO_UDP : IPPROTO_IPV6;
	at[7] = 64;
	memcpy(at + 24, &backend.address, 16);
}

/* What a tunnel makes of a packet that was built with its new hops and Ethernet header. */
static void wrap(const struct way *way, const struct packet *inner, const struct packet *got,
		 struct packet *wanted)
{
	unsigned int bytes = inner->length - ETH_HLEN, outer = way->v6 ? OUTER6 : OUTER4;
	unsigned int udp = is_gue(way) ? UDP : 0;
	unsigned char *at = wanted->bytes + ETH_HLEN;
	const unsigned char *there = got->bytes + ETH_HLEN;

	memcpy(wanted->bytes, inner->bytes, ETH_HLEN);
	if (way->v6)
		put_outer6(way, at, there, bytes + udp);
	else
		put_outer4(way, at, there, inner->bytes + ETH_HLEN, bytes + udp);
	if (udp) { /* without a checksum: that cannot be told */
		memcpy(at + outer, there + outer, 2);
		put16(at + outer + 2, 6080);
		put16(at + outer + 4, udp + bytes);
		put16(at + outer + 6, 0);
	}
	memcpy(at + outer + udp, inner->bytes + ETH_HLEN, bytes);
	wanted->length = ETH_HLEN + outer + udp + bytes;
}

/* The frame as it is sent, in a tunnel or not. */
static struct frame carried(const struct way *way, struct frame frame)
{
	rig_hardware_address(2, 11, frame.to);
	rig_hardware_address(2, 1, frame.from);
	if (is_tunnel(way))
		frame.hops--;
	return frame;
}

static void arrives(const struct way *way, const struct packet *packet, const struct packet *inner,
		    enum lb_outcome outcome, const char *what)
{
	struct packet wanted = *inner;
	struct verdict verdict;

	balancer_receive(&stage.balancer, stage.rig.front, packet, &verdict);
	if (is_tunnel(way))
		wrap(way, inner, &verdict.packet, &wanted);
	expect(&verdict, XDP_REDIRECT, outcome, &wanted, "%s: %s", way->name, what);
}

static void pieces(const struct way *way)
{
	struct talk talk = stage_talk(&stage, way->number, way->v6, IPPROTO_UDP, 7);
	struct frame frame = talk_request(&talk, 0), sent;

	frame.payload = 150;
	sent = carried(way, frame);
	for (unsigned int i = 0; i < 3; i++) {
		struct piece piece = {.id = 0x4321, .from = 64 * i, .bytes = 64};
		struct packet packet, inner;

		piece_build(&frame, &piece, &packet);
		piece_build(&sent, &piece, &inner);
		arrives(way, &packet, &inner, LB_FORWARDED, i ? "a later piece" : "the first");
	}
}

static void error(const struct way *way)
{
	struct talk talk = stage_talk(&stage, way->number, way->v6, IPPROTO_UDP, 8);
	struct message message = {.type = way->v6 ? 2 : 3, .code = way->v6 ? 0 : 4, .rest = 1300};
	struct packet packet, inner;
	struct verdict verdict;
	struct frame request = talk_request(&talk, 0);

	packet_build(&request, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	message.outer = request;
	message.outer.source = endpoint(way->v6 ? "2001:db8:77::9" : "203.0.113.9", 0);
	message.quoted = request;
	message.quoted.source = request.destination;
	message.quoted.destination = request.source;
	message_build(&message, &packet);
	message.outer = carried(way, message.outer);
	message_build(&message, &inner);
	arrives(way, &packet, &inner, LB_ERROR_RELAYED, "an error about its flow");
}

int main(void)
{
	stage_open(&stage, "--max-flows 4096");
	for (unsigned int i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const struct way *way = &ways[i];

		stage_service(&stage, way->name, way->number, way->v6, IPPROTO_UDP, way->flags);
		balancer_do(&stage.balancer, "backend add %s %s", way->name,
			    way->v6 ? "fd02::b" : "10.2.0.11");
		pieces(way);
		error(way);
	}
	return tap_done();
}
