// SPDX-License-Identifier: GPL-2.0-only
/*
 * What has no ports of its own, by snat, to the byte: the rest of fragmented packets, and
 * ICMP errors, in both directions. Backends hear of everything from the address of ours that
 * they know.
 */
#include <linux/bpf.h>
#include <stdio.h>

#include "packets/fragmenter.h"
#include "packets/icmp_builder.h"
#include "rig/expect.h"
#include "rig/test_env.h"

#define SOURCES "--forward snat --source 10.2.0.64/31,fd02::40/127"
#define PIECE	64U
#define PAYLOAD 150U

static struct stage stage;

/* A flow by snat, and the endpoint of ours that its backend sees. */
struct flow {
	struct talk talk;
	struct endpoint seen;
};

static struct flow begin(unsigned int number, bool v6, __u8 protocol, __u16 asked)
{
	static __u32 client;
	struct flow flow = {.talk = stage_talk(&stage, number, v6, protocol, client++)};
	struct frame frame;
	struct packet packet;
	struct verdict verdict;

	flow.talk.service.port = asked;
	frame = talk_request(&flow.talk, TCP_SYN);
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	ok(packet_read(&verdict.packet, &flow.seen, &flow.talk.backend) &&
		   verdict.gained.count[LB_FORWARDED] == 1,
	   "a flow begins, from %s", endpoint_text(&flow.seen));
	return flow;
}

static struct frame request_sent(const struct flow *flow, struct frame frame)
{
	frame = talk_request_sent(&flow->talk, frame);
	frame.source = flow->seen;
	return frame;
}

static struct frame reply(const struct flow *flow, __u8 flags)
{
	struct frame frame = talk_reply(&flow->talk, flags);

	frame.destination = flow->seen;
	return frame;
}

static struct frame reply_sent(const struct flow *flow, struct frame frame)
{
	frame = talk_reply_sent(&flow->talk, frame);
	frame.destination = flow->talk.client;
	return frame;
}

static void piece_is(unsigned int device, const struct frame *frame, const struct frame *sent,
		     const struct piece *piece, __u32 action, enum lb_outcome outcome,
		     const char *what)
{
	struct packet packet, wanted;
	struct verdict verdict;

	piece_build(frame, piece, &packet);
	piece_build(sent, piece, &wanted);
	balancer_receive(&stage.balancer, device, &packet, &verdict);
	expect(&verdict, action, outcome, &wanted, "%s, from byte %u", what, piece->from);
}

static void in_pieces(bool v6, __u8 protocol, unsigned int tags)
{
	struct flow flow = begin(stage_number(protocol), v6, protocol, 80);
	struct frame frame = talk_request(&flow.talk, TCP_ACK), answer = reply(&flow, TCP_ACK);
	struct frame sent, answer_sent;

	frame.payload = answer.payload = PAYLOAD;
	frame.tags = answer.tags = tags;
	frame.tag_type[0] = answer.tag_type[0] = 0x8100;
	frame.option_bytes = answer.option_bytes = tags && !v6 ? 8 : 0;
	sent = request_sent(&flow, frame);
	answer_sent = reply_sent(&flow, answer);
	for (unsigned int i = 0; i < 3; i++) {
		struct piece piece = {.id = 7, .from = i * PIECE, .bytes = PIECE};

		piece_is(stage.rig.front, &frame, &sent, &piece, XDP_REDIRECT, LB_FORWARDED,
			 "a request's piece");
	}
	for (unsigned int i = 0; i < 3; i++) {
		struct piece piece = {.id = 8, .from = i * PIECE, .bytes = PIECE};

		piece_is(stage.rig.back, &answer, &answer_sent, &piece, XDP_REDIRECT, LB_REPLIED,
			 "a reply's piece");
	}
}

static void unknown_pieces(bool v6)
{
	struct flow flow = begin(11, v6, IPPROTO_UDP, 80);
	struct frame frame = talk_request(&flow.talk, 0), answer = reply(&flow, 0);
	struct piece first = {.id = 9, .bytes = PIECE}, rest = {.id = 9, .from = PIECE};

	frame.payload = answer.payload = PAYLOAD;
	piece_is(stage.rig.front, &frame, &frame, &rest, XDP_DROP, LB_FRAGMENT_UNKNOWN,
		 "before its first, a request's is dropped");
	piece_is(stage.rig.back, &answer, &answer, &rest, XDP_PASS, LB_FRAGMENT,
		 "a reply's passes");
	answer.source.port++;
	piece_is(stage.rig.back, &answer, &answer, &first, XDP_PASS, LB_REPLY_UNKNOWN,
		 "from another port it passes");
	piece_is(stage.rig.back, &answer, &answer, &rest, XDP_PASS, LB_FRAGMENT, "and the rest");
}

static struct endpoint router(bool v6)
{
	return endpoint(v6 ? "2001:db8:77::9" : "203.0.113.9", 0);
}

static void error_is(struct message *message, struct message *wanted, unsigned int device,
		     __u32 action, enum lb_outcome outcome, const char *what)
{
	struct packet packet, expected;
	struct verdict verdict;

	message_build(message, &packet);
	message_build(wanted, &expected);
	balancer_receive(&stage.balancer, device, &packet, &verdict);
	expect(&verdict, action, outcome, &expected, "%s, %u bytes quoted", what,
	       message->quoted_bytes);
}

/* By a router among the clients, or a client, about what the backend had sent. */
static struct message about_reply(const struct flow *flow, struct endpoint from)
{
	bool v6 = endpoint_is_v6(&flow->seen);
	struct message message = {.outer = talk_request(&flow->talk, 0),
				  .type = v6 ? 2 : 3,
				  .code = v6 ? 0 : 4,
				  .rest = 1400,
				  .quoted = reply_sent(flow, reply(flow, TCP_ACK))};

	message.outer.source = from;
	return message;
}

static struct message about_reply_sent(const struct flow *flow, struct message message)
{
	message.outer = request_sent(flow, message.outer);
	message.quoted.source = flow->talk.backend;
	message.quoted.destination = flow->seen;
	return message;
}

/* By a backend, or a router before it, about what the client had sent. */
static struct message about_request(const struct flow *flow, struct endpoint from)
{
	bool v6 = endpoint_is_v6(&flow->seen);
	struct message message = {.outer = reply(flow, 0),
				  .type = v6 ? 1 : 3,
				  .code = v6 ? 4 : 3,
				  .quoted = request_sent(flow, talk_request(&flow->talk, TCP_ACK))};

	message.outer.source = from;
	return message;
}

static struct message about_request_sent(const struct flow *flow, struct message message)
{
	struct endpoint from = message.outer.source;

	message.outer = reply_sent(flow, message.outer);
	if (!endpoint_same(&from, &flow->talk.backend))
		message.outer.source = from;
	message.quoted.source = flow->talk.client;
	message.quoted.destination = flow->talk.service;
	return message;
}

static void errors(const struct flow *flow, unsigned int quoted_bytes)
{
	bool v6 = endpoint_is_v6(&flow->seen);
	struct message message, wanted;

	for (unsigned int i = 0; i < 2; i++) {
		message = about_reply(flow, i ? flow->talk.client : router(v6));
		message.quoted_bytes = quoted_bytes;
		wanted = about_reply_sent(flow, message);
		error_is(&message, &wanted, stage.rig.front, XDP_REDIRECT, LB_ICMP_ERROR_RELAYED,
			 i ? "by the client" : "by a router, to the backend");
		message = about_request(flow, i ? flow->talk.backend : router(v6));
		message.quoted_bytes = quoted_bytes;
		wanted = about_request_sent(flow, message);
		error_is(&message, &wanted, stage.rig.back, XDP_REDIRECT, LB_ICMP_ERROR_RELAYED,
			 i ? "by the backend" : "by a router, to the client");
	}
}

static void every_quote(bool v6, __u8 protocol)
{
	struct flow flow = begin(stage_number(protocol), v6, protocol, 80);
	unsigned int header = v6 ? 40 : 20;

	errors(&flow, 0);
	errors(&flow, header + 8);
	errors(&flow, header + 16);
	errors(&flow, header + 18);
}

static void others_pass(bool v6)
{
	struct flow flow = begin(10, v6, IPPROTO_TCP, 80), stranger = flow;
	struct message message;

	stranger.talk.client.port++;
	message = about_reply(&stranger, router(v6));
	error_is(&message, &message, stage.rig.front, XDP_PASS, LB_ICMP_ERROR_UNKNOWN,
		 "about a flow that is not known");
	stranger = flow;
	stranger.talk.backend.port++;
	message = about_request(&stranger, router(v6));
	error_is(&message, &message, stage.rig.back, XDP_PASS, LB_ICMP_ERROR_UNKNOWN,
		 "about a port that the flow is not with");
	stranger = flow;
	stranger.seen.port = 22;
	message = about_request(&stranger, router(v6));
	error_is(&message, &message, stage.rig.back, XDP_PASS, LB_ICMP_ERROR_UNKNOWN,
		 "about a port of ours that is not given out");
	balancer_do(&stage.balancer, "backend maint tcp%u %s", v6 ? 6 : 4,
		    endpoint_text(&flow.talk.backend));
	message = about_reply(&flow, router(v6));
	error_is(&message, &message, stage.rig.front, XDP_PASS, LB_ICMP_ERROR_UNKNOWN,
		 "about a flow whose backend is out of service");
	balancer_do(&stage.balancer, "backend ready tcp%u %s", v6 ? 6 : 4,
		    endpoint_text(&flow.talk.backend));
}

/* Of a service on all ports, and of one whose other flows are of nat. */
static void mixed(void)
{
	struct flow flow;
	struct talk talk;

	balancer_do(&stage.balancer, "service add any 192.0.2.40:0/udp " SOURCES);
	balancer_do(&stage.balancer, "backend add any 10.2.0.12");
	flow = begin(40, false, IPPROTO_UDP, 1234);
	errors(&flow, 0);
	flow = begin(10, false, IPPROTO_TCP, 80);
	balancer_do(&stage.balancer, "service set tcp4 --forward nat");
	errors(&flow, 0);
	talk = stage_talk(&stage, 10, false, IPPROTO_TCP, 999);
	ok(talk_establish(&talk), "a flow by nat beside one by snat");
	balancer_do(&stage.balancer, "service set tcp4 --forward snat");
	errors(&flow, 0);
}

int main(void)
{
	stage_open(&stage, "--max-flows 4096 --max-sources 4");
	for (unsigned int i = 0; i < STAGE_KINDS; i++) {
		const struct stage_kind *kind = stage_add_kind(&stage, i, SOURCES);

		in_pieces(kind->v6, kind->protocol, 0);
		in_pieces(kind->v6, kind->protocol, 1);
		every_quote(kind->v6, kind->protocol);
	}
	for (int v6 = 0; v6 < 2; v6++) {
		unknown_pieces(v6);
		others_pass(v6);
	}
	mixed();
	return tap_done();
}
