// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets in pieces: the first piece has the ports and is balanced, the rest follows it,
 * to the byte, for requests and for replies.
 */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/fragment.h"
#include "packets/fragmenter.h"
#include "rig/expect.h"
#include "rig/pins.h"
#include "rig/process.h"
#include "rig/test_env.h"

#define PIECE	64U /* bytes, but for the last */
#define PIECES	3U
#define PAYLOAD 150U

static struct stage stage;

static struct talk new_talk(bool v6, __u8 protocol)
{
	static __u32 client;

	return stage_talk(&stage, stage_number(protocol), v6, protocol, client++);
}

static struct piece piece(__u32 id, unsigned int number)
{
	return (struct piece){.id = id, .from = number * PIECE, .bytes = PIECE};
}

static void receive(unsigned int device, const struct frame *frame, __u32 id, unsigned int number,
		    struct packet *packet, struct verdict *verdict)
{
	struct piece part = piece(id, number);

	piece_build(frame, &part, packet);
	balancer_receive(&stage.balancer, device, packet, verdict);
}

/* A piece of `frame` comes in, and leaves as that piece of `sent`. */
static void becomes(unsigned int device, const struct frame *frame, const struct frame *sent,
		    __u32 id, unsigned int number, enum lb_outcome outcome, const char *what)
{
	struct piece part = piece(id, number);
	struct packet packet, wanted;
	struct verdict verdict;

	receive(device, frame, id, number, &packet, &verdict);
	piece_build(sent, &part, &wanted);
	expect(&verdict, XDP_REDIRECT, outcome, &wanted, "%s, piece %u", what, number + 1);
}

static void stays(unsigned int device, const struct frame *frame, __u32 id, unsigned int number,
		  __u32 action, enum lb_outcome outcome, const char *what)
{
	struct packet packet;
	struct verdict verdict;

	receive(device, frame, id, number, &packet, &verdict);
	expect(&verdict, action, outcome, &packet, "%s", what);
}

static void vary(struct frame *frame, unsigned int variant)
{
	bool v6 = endpoint_is_v6(&frame->source);

	frame->payload = PAYLOAD;
	frame->tags = variant;
	frame->tag_type[0] = variant == 2 ? ETH_P_8021AD : ETH_P_8021Q;
	frame->tag_type[1] = ETH_P_8021Q;
	frame->option_bytes = variant && !v6 ? 8 : 0;
}

static void both_ways(bool v6, __u8 protocol, unsigned int variant)
{
	struct talk talk = new_talk(v6, protocol);
	struct frame frame = talk_request(&talk, TCP_SYN), sent;
	char what[64];

	talk.backend = stage_endpoint(v6, 2, 11);
	vary(&frame, variant);
	sent = talk_request_sent(&talk, frame);
	snprintf(what, sizeof(what), "%s %s%s request", v6 ? "IPv6" : "IPv4",
		 protocol == IPPROTO_TCP ? "TCP" : "UDP", variant ? ", tagged, with options," : "");
	for (unsigned int i = 0; i < PIECES; i++)
		becomes(stage.rig.front, &frame, &sent, 77, i, LB_FORWARDED, what);

	frame = talk_reply(&talk, TCP_SYN | TCP_ACK);
	vary(&frame, variant);
	sent = talk_reply_sent(&talk, frame);
	memcpy(what + strlen(what) - strlen("request"), "reply", sizeof("reply"));
	for (unsigned int i = 0; i < PIECES; i++)
		becomes(stage.rig.back, &frame, &sent, 78, i, LB_REPLIED, what);
}

/* A zero is no checksum, in pieces as in one. */
static void unchecked(void)
{
	struct talk talk = new_talk(false, IPPROTO_UDP);
	struct frame frame = talk_request(&talk, 0), sent;

	talk.backend = stage_endpoint(false, 2, 11);
	frame.payload = PAYLOAD;
	frame.unchecked = true;
	sent = talk_request_sent(&talk, frame);
	for (unsigned int i = 0; i < PIECES; i++)
		becomes(stage.rig.front, &frame, &sent, 5, i, LB_FORWARDED, "without checksum");
}

static void order_matters(bool v6)
{
	struct talk talk = new_talk(v6, IPPROTO_UDP);
	struct frame frame = talk_request(&talk, 0), sent;

	talk.backend = stage_endpoint(v6, 2, 11);
	frame.payload = PAYLOAD;
	sent = talk_request_sent(&talk, frame);
	stays(stage.rig.front, &frame, 1, 1, XDP_DROP, LB_FRAGMENT_UNKNOWN,
	      "a piece that comes before the first is dropped");
	becomes(stage.rig.front, &frame, &sent, 1, 0, LB_FORWARDED, "then the first is sent");
	becomes(stage.rig.front, &frame, &sent, 1, 2, LB_FORWARDED, "and the last");
	becomes(stage.rig.front, &frame, &sent, 1, 1, LB_FORWARDED, "and the one between");
	stays(stage.rig.front, &frame, 2, 1, XDP_DROP, LB_FRAGMENT_UNKNOWN,
	      "a piece of the client's next packet is not taken for this one's");
	frame.hops = 1;
	stays(stage.rig.front, &frame, 1, 1, XDP_DROP, LB_TTL_EXPIRED,
	      "a piece on its last hop is dropped");
}

/* What is not balanced is not, in all its pieces. */
static void others_pass(bool v6)
{
	struct talk talk = new_talk(v6, IPPROTO_UDP);
	struct frame frame = talk_request(&talk, 0);

	frame.payload = PAYLOAD;
	frame.destination.port = 9;
	stays(stage.rig.front, &frame, 3, 0, XDP_PASS, LB_PASSED, "a first piece to no service");
	stays(stage.rig.front, &frame, 3, 1, XDP_PASS, LB_FRAGMENT, "passes, and the rest, too");
	frame = talk_request(&talk, 0);
	frame.payload = PAYLOAD;
	frame.protocol = IPPROTO_SCTP;
	stays(stage.rig.front, &frame, 4, 0, XDP_PASS, LB_FRAGMENT, "a first piece of SCTP");
	stays(stage.rig.front, &frame, 4, 1, XDP_PASS, LB_FRAGMENT, "passes, and the rest, too");
	talk.backend = stage_endpoint(v6, 2, 11);
	frame = talk_reply(&talk, 0);
	frame.payload = PAYLOAD;
	stays(stage.rig.back, &frame, 5, 0, XDP_PASS, LB_REPLY_UNKNOWN, "a reply of no flow");
	stays(stage.rig.back, &frame, 5, 1, XDP_PASS, LB_FRAGMENT, "passes, and the rest, too");
}

/* Pieces `number` of many clients' packets; how many were sent to the backend. */
static unsigned int sent_of_many(bool v6, __u32 first, unsigned int count, unsigned int number)
{
	unsigned int sent = 0;

	for (__u32 i = 0; i < count; i++) {
		struct talk talk = stage_talk(&stage, 11, v6, IPPROTO_UDP, first + i);
		struct frame frame = talk_request(&talk, 0);
		struct packet packet;
		struct verdict verdict;

		frame.payload = PAYLOAD;
		receive(stage.rig.front, &frame, 9, number, &packet, &verdict);
		sent += verdict.action == XDP_REDIRECT;
	}
	return sent;
}

/* Many at the same time; and in a flood, who is not slow is not lost. */
static void many(bool v6)
{
	is_int(sent_of_many(v6, 1000, 1000, 0), 1000, "1000 first pieces of as many clients");
	is_int(sent_of_many(v6, 1000, 1000, 1), 1000, "the rest of each follows");
	sent_of_many(v6, 10000, 40000, 0);
	is_int(sent_of_many(v6, 1000, 100, 0), 100, "after 40000 more, 100 first pieces");
	sent_of_many(v6, 100000, 1000, 0);
	is_int(sent_of_many(v6, 1000, 100, 1), 100, "and after 1000 more, the rest of each");
}

/* Makes all that is noted so many ticks older. */
static void age(unsigned int ticks)
{
	struct lb_fragments *table = malloc(sizeof(*table));
	int map = pins_map(stage.balancer.instance, "fragments");
	const __u32 key = 0;

	if (!table || bpf_map_lookup_elem(map, &key, table))
		process_bail("fragments cannot be read");
	for (unsigned int i = 0; i < LB_FRAGMENT_LINES * LB_LINE_FRAGMENTS; i++) {
		__u64 *entry = &table->entry[i / LB_LINE_FRAGMENTS][i % LB_LINE_FRAGMENTS];

		if (*entry)
			*entry = (*entry & ~0xfffULL) | ((*entry - ticks) & 0xfff);
	}
	if (bpf_map_update_elem(map, &key, table, BPF_ANY))
		process_bail("fragments cannot be written");
	free(table);
}

static void not_for_ever(void)
{
	struct talk talk = new_talk(false, IPPROTO_UDP);
	struct frame frame = talk_request(&talk, 0), sent;

	talk.backend = stage_endpoint(false, 2, 11);
	frame.payload = PAYLOAD;
	sent = talk_request_sent(&talk, frame);
	becomes(stage.rig.front, &frame, &sent, 6, 0, LB_FORWARDED, "a packet that takes long");
	age(LB_FRAGMENT_TICKS / 2);
	becomes(stage.rig.front, &frame, &sent, 6, 1, LB_FORWARDED, "after a quarter of a minute");
	age(LB_FRAGMENT_TICKS / 2);
	stays(stage.rig.front, &frame, 6, 2, XDP_DROP, LB_FRAGMENT_UNKNOWN,
	      "after half a minute it is given up");
}

/* The rest of a packet that goes on, but for its IP header, which does not end. */
static void cut_short(void)
{
	struct talk talk = new_talk(false, IPPROTO_UDP);
	struct frame frame = talk_request(&talk, 0), sent;
	struct packet packet;
	struct verdict verdict;
	struct piece part = piece(9, 1);

	talk.backend = stage_endpoint(false, 2, 11);
	frame.payload = PAYLOAD;
	frame.option_bytes = 40;
	sent = talk_request_sent(&talk, frame);
	becomes(stage.rig.front, &frame, &sent, 9, 0, LB_FORWARDED, "a packet with options");
	piece_build(&frame, &part, &packet);
	packet.length = ETH_HLEN + 59;
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	expect(&verdict, XDP_PASS, LB_MALFORMED, &packet, "its rest, cut within the IP header");
}

int main(void)
{
	stage_open(&stage, "--max-flows 200000");
	for (unsigned int i = 0; i < STAGE_KINDS; i++) {
		const struct stage_kind *kind = stage_add_kind(&stage, i, "");

		for (unsigned int variant = 0; variant <= 2; variant++)
			both_ways(kind->v6, kind->protocol, variant);
	}
	unchecked();
	for (int v6 = 0; v6 < 2; v6++) {
		order_matters(v6);
		others_pass(v6);
		many(v6);
	}
	cut_short();
	not_for_ever();
	return tap_done();
}
