// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMP errors about flows of services, translated both ways: what they quote is what
 * their receiver had sent, and every checksum that they hold is right.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "packets/icmp_builder.h"
#include "rig/expect.h"
#include "rig/test_env.h"

#define UNREACHABLE4 3
#define EXCEEDED4    11
#define PARAMETER4   12
#define TOO_BIG6     2

#define ROUTER4 "203.0.113.9"
#define ROUTER6 "2001:db8:77::9"

static struct stage stage;

struct kind {
	__u8 type;
	__u8 code;
};

/* A flow with a service of the stage, known to the memory. */
static struct talk flow(bool v6, __u8 protocol)
{
	static __u32 client;
	struct talk talk = stage_talk(&stage, stage_number(protocol), v6, protocol, client++);

	if (!talk_establish(&talk))
		ok(false, "a flow begins");
	return talk;
}

/* From a router among the clients: about the packet that the backend sent, as it went out. */
static struct message about_reply(const struct talk *talk, struct kind kind)
{
	bool v6 = endpoint_is_v6(&talk->client);
	struct message message = {.outer = talk_request(talk, 0),
				  .type = kind.type,
				  .code = kind.code,
				  .rest = 1400,
				  .quoted = talk_reply(talk, TCP_ACK)};

	message.outer.source = endpoint(v6 ? ROUTER6 : ROUTER4, 0);
	message.quoted.source = talk->service;
	message.quoted.hops = 59;
	return message;
}

/* As the backend shall get it. */
static struct message about_reply_sent(const struct talk *talk, struct message message)
{
	message.outer = talk_request_sent(talk, message.outer);
	message.quoted.source = talk->backend;
	return message;
}

/* From `source` on the backends' side: about the packet that the client sent, as it went in. */
static struct message about_request(const struct talk *talk, struct kind kind,
				    struct endpoint source)
{
	struct message message = {.outer = talk_reply(talk, 0),
				  .type = kind.type,
				  .code = kind.code,
				  .rest = 1400,
				  .quoted = talk_request(talk, TCP_ACK)};

	message.outer.source = source;
	message.quoted.destination = talk->backend;
	message.quoted.hops = 60;
	return message;
}

static struct message about_request_sent(const struct talk *talk, struct message message)
{
	struct endpoint source = message.outer.source;

	message.outer = talk_reply_sent(talk, message.outer);
	if (memcmp(&source.address, &talk->backend.address, sizeof(source.address)) != 0)
		message.outer.source = source;
	message.quoted.destination = talk->service;
	return message;
}

static void becomes(struct message *message, struct message *wanted, unsigned int device,
		    const char *what)
{
	struct packet packet, expected;
	struct verdict verdict;

	message_build(message, &packet);
	message_build(wanted, &expected);
	balancer_receive(&stage.balancer, device, &packet, &verdict);
	expect(&verdict, XDP_REDIRECT, LB_ICMP_ERROR_RELAYED, &expected, "%s", what);
}

static void passes(struct message *message, unsigned int device, enum lb_outcome outcome,
		   const char *what)
{
	struct packet packet;
	struct verdict verdict;

	message_build(message, &packet);
	balancer_receive(&stage.balancer, device, &packet, &verdict);
	expect(&verdict, XDP_PASS, outcome, &packet, "%s: passes untouched", what);
}

static void both_ways(const struct talk *talk, struct kind kind, unsigned int quoted_bytes,
		      const char *what)
{
	bool v6 = endpoint_is_v6(&talk->client);
	struct message message = about_reply(talk, kind), wanted;
	char text[128];

	message.quoted_bytes = quoted_bytes;
	wanted = about_reply_sent(talk, message);
	snprintf(text, sizeof(text), "%s, to the backend", what);
	becomes(&message, &wanted, stage.rig.front, text);

	message = about_request(talk, kind, talk->backend);
	message.quoted_bytes = quoted_bytes;
	wanted = about_request_sent(talk, message);
	snprintf(text, sizeof(text), "%s, by the backend", what);
	becomes(&message, &wanted, stage.rig.back, text);

	message = about_request(talk, kind, endpoint(v6 ? ROUTER6 : ROUTER4, 0));
	message.quoted_bytes = quoted_bytes;
	wanted = about_request_sent(talk, message);
	snprintf(text, sizeof(text), "%s, by a router before it", what);
	becomes(&message, &wanted, stage.rig.back, text);
}

static void every_kind(bool v6, __u8 protocol)
{
	static const struct kind kinds4[] = {
		{UNREACHABLE4, 0},  {UNREACHABLE4, 1},	{UNREACHABLE4, 3}, {UNREACHABLE4, 4},
		{UNREACHABLE4, 13}, {UNREACHABLE4, 15}, {EXCEEDED4, 0},	   {PARAMETER4, 0}};
	static const struct kind kinds6[] = {{1, 0}, {1, 4}, {TOO_BIG6, 0}, {3, 0}, {4, 1}};
	unsigned int count =
		v6 ? sizeof(kinds6) / sizeof(kinds6[0]) : sizeof(kinds4) / sizeof(kinds4[0]);
	struct talk talk = flow(v6, protocol);
	char what[96];

	for (unsigned int i = 0; i < count; i++) {
		struct kind kind = v6 ? kinds6[i] : kinds4[i];

		snprintf(what, sizeof(what), "%s %s, type %u code %u", v6 ? "IPv6" : "IPv4",
			 protocol == IPPROTO_TCP ? "TCP" : "UDP", kind.type, kind.code);
		both_ways(&talk, kind, 0, what);
	}
}

/*
 * However little is quoted, if ports are. A TCP checksum ends 18 bytes behind the IP header;
 * half a one is nothing that could be corrected.
 */
static void every_quote(bool v6, __u8 protocol)
{
	struct kind kind = {v6 ? TOO_BIG6 : UNREACHABLE4, v6 ? 0 : 4};
	unsigned int header = v6 ? 40 : 20;
	struct talk talk = flow(v6, protocol);
	char what[96];

	for (unsigned int bytes = 8; bytes <= 20; bytes++) {
		if (bytes == 17)
			continue;
		snprintf(what, sizeof(what), "%s %s, %u bytes quoted", v6 ? "IPv6" : "IPv4",
			 protocol == IPPROTO_TCP ? "TCP" : "UDP", bytes);
		both_ways(&talk, kind, header + bytes, what);
	}
}

static void variants(bool v6)
{
	struct kind kind = {v6 ? TOO_BIG6 : UNREACHABLE4, v6 ? 0 : 4};
	struct talk talk = flow(v6, IPPROTO_UDP);
	struct message message = about_reply(&talk, kind), wanted;

	message.quoted.unchecked = true;
	wanted = about_reply_sent(&talk, message);
	becomes(&message, &wanted, stage.rig.front, "a quoted UDP packet without checksum");
	message = about_reply(&talk, kind);
	message.outer.tags = 2;
	message.outer.tag_type[0] = ETH_P_8021AD;
	message.outer.tag_type[1] = ETH_P_8021Q;
	wanted = about_reply_sent(&talk, message);
	becomes(&message, &wanted, stage.rig.front, "tagged twice");
	if (v6)
		return;
	message = about_reply(&talk, kind);
	message.outer.option_bytes = 8;
	message.quoted.option_bytes = 12;
	wanted = about_reply_sent(&talk, message);
	becomes(&message, &wanted, stage.rig.front, "options outside and inside");
	message = about_reply(&talk, kind);
	message.quoted.fragment = 0x2000;
	wanted = about_reply_sent(&talk, message);
	becomes(&message, &wanted, stage.rig.front, "about a first fragment");
	message.quoted.fragment = 0x20b9;
	passes(&message, stage.rig.front, LB_NOT_TCP_UDP, "about a later fragment");
}

/* Bytes behind the IP packet are none of its. */
static void padding_stays(void)
{
	struct talk talk = flow(false, IPPROTO_TCP);
	struct message message = about_reply(&talk, (struct kind){EXCEEDED4, 0}), wanted;
	struct packet packet, expected;
	struct verdict verdict;

	message.quoted_bytes = 28;
	wanted = about_reply_sent(&talk, message);
	message_build(&message, &packet);
	message_build(&wanted, &expected);
	memset(packet.bytes + packet.length, 0xa5, 16);
	memset(expected.bytes + expected.length, 0xa5, 16);
	packet.length += 16;
	expected.length += 16;
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	expect(&verdict, XDP_REDIRECT, LB_ICMP_ERROR_RELAYED, &expected,
	       "padding is left as it is");
}

static void others_pass(bool v6)
{
	struct kind kind = {v6 ? TOO_BIG6 : UNREACHABLE4, v6 ? 0 : 4};
	struct talk talk = flow(v6, IPPROTO_TCP);
	struct message message = about_reply(&talk, kind);

	message.quoted.destination.port++;
	passes(&message, stage.rig.front, LB_ICMP_ERROR_UNKNOWN, "about an unknown flow");
	message = about_reply(&talk, kind);
	message.quoted.source.port = 81;
	passes(&message, stage.rig.front, LB_NOT_TCP_UDP, "about no service's port");
	message = about_reply(&talk, kind);
	message.quoted.source.address.s6_addr[15]++;
	passes(&message, stage.rig.front, LB_NOT_TCP_UDP, "about another's packet");
	message = about_reply(&talk, kind);
	message.quoted.protocol = IPPROTO_SCTP;
	message.quoted.payload = 64;
	passes(&message, stage.rig.front, LB_NOT_TCP_UDP, "about SCTP");
	message = about_reply(&talk, (struct kind){v6 ? 137 : 5, 0});
	passes(&message, stage.rig.front, LB_NOT_TCP_UDP, "a redirect");
	message = about_request(&talk, kind, talk.backend);
	message.outer.destination.port = message.quoted.source.port = 9;
	passes(&message, stage.rig.back, LB_ICMP_ERROR_UNKNOWN, "to a client without a flow");
	message = about_request(&talk, kind, talk.backend);
	message.quoted.destination.port = 9;
	passes(&message, stage.rig.back, LB_NOT_TCP_UDP, "about no backend's port");
	message = about_request(&talk, kind, endpoint(v6 ? ROUTER6 : ROUTER4, 0));
	message.quoted.destination = endpoint(v6 ? "2001:db8:99::1" : "203.0.113.77", 80);
	passes(&message, stage.rig.back, LB_PASSED, "by a router, about nothing of ours");
}

static void last_hop(bool v6)
{
	struct kind kind = {v6 ? TOO_BIG6 : UNREACHABLE4, v6 ? 0 : 4};
	struct talk talk = flow(v6, IPPROTO_TCP);
	struct message message = about_reply(&talk, kind);
	struct packet packet;
	struct verdict verdict;

	message.outer.hops = 1;
	message_build(&message, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	expect(&verdict, XDP_DROP, LB_TTL_EXPIRED, &verdict.packet, "on its last hop: dropped");
}

/* An error that ends anywhere passes, as far as it can be told to be one. */
static void every_length(bool v6)
{
	struct kind kind = {v6 ? TOO_BIG6 : UNREACHABLE4, v6 ? 0 : 4};
	struct talk talk = flow(v6, IPPROTO_UDP);
	struct message message = about_reply(&talk, kind);
	unsigned int least = (v6 ? 40 + 40 : 20 + 20) + MESSAGE_HEADER + 8 + ETH_HLEN, wrong = 0;
	struct packet packet;
	struct verdict verdict;

	message_build(&message, &packet);
	for (packet.length = (v6 ? 40 : 20) + ETH_HLEN; packet.length < least; packet.length++) {
		balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
		wrong += verdict.action != XDP_PASS || verdict.gained.count[LB_NOT_TCP_UDP] != 1 ||
			 !packet_same(&verdict.packet, &packet);
	}
	is_int(wrong, 0, "IPv%c: cut at every length it passes untouched", v6 ? '6' : '4');
}

static void backend_in_maintenance(void)
{
	struct talk talk = flow(false, IPPROTO_TCP);
	struct message message = about_reply(&talk, (struct kind){EXCEEDED4, 0});

	balancer_do(&stage.balancer, "backend maint tcp4 10.2.0.11:8080");
	balancer_do(&stage.balancer, "backend maint tcp4 10.2.0.12:8080");
	passes(&message, stage.rig.front, LB_ICMP_ERROR_UNKNOWN,
	       "about a flow without its backend");
	balancer_do(&stage.balancer, "backend ready tcp4 10.2.0.11:8080");
	balancer_do(&stage.balancer, "backend ready tcp4 10.2.0.12:8080");
}

/* Where a hash names the backend, errors about flows begun elsewhere find it, too. */
static void by_hash(bool v6)
{
	const char *name = v6 ? "maglev6" : "maglev4";

	stage_service(&stage, name, 12, v6, IPPROTO_TCP, "--scheduler maglev");
	stage_backend(&stage, name, v6, 2, 11, "");
	stage_backend(&stage, name, v6, 2, 12, "");
	for (__u32 i = 0; i < 6; i++) {
		struct talk talk = stage_talk(&stage, 12, v6, IPPROTO_TCP, 5000 + i);
		struct message message, wanted;
		struct packet packet;
		struct verdict first, verdict;

		talk.backend = stage_endpoint(v6, 2, 11);
		message = about_reply(&talk, (struct kind){v6 ? TOO_BIG6 : UNREACHABLE4, 0});
		message_build(&message, &packet);
		balancer_receive(&stage.balancer, stage.rig.front, &packet, &first);
		talk_ask(&talk, TCP_ACK, &verdict); /* tells the flow's backend */
		wanted = about_reply_sent(&talk, message);
		message_build(&wanted, &packet);
		expect(&first, XDP_REDIRECT, LB_ICMP_ERROR_RELAYED, &packet, "%s: by hash to %s",
		       name, endpoint_text(&talk.backend));
	}
}

/* A flow that the full memory has no room for goes by hash, and so do errors about it. */
static void untracked(bool v6)
{
	struct kind kind = {v6 ? TOO_BIG6 : UNREACHABLE4, v6 ? 0 : 4};
	struct balancer small;
	struct talk talk = {0};
	struct verdict verdict;

	balancer_close(&stage.balancer);
	balancer_open(&small, "front back --max-flows 8");
	stage.balancer = small;
	stage_service(&stage, "small", 10, v6, IPPROTO_TCP, "");
	stage_backend(&stage, "small", v6, 2, 11, "");
	stage_backend(&stage, "small", v6, 2, 12, "");
	for (__u32 i = 0; i < 8; i++) {
		talk = stage_talk(&stage, 10, v6, IPPROTO_TCP, i);
		talk_establish(&talk);
	}
	talk = stage_talk(&stage, 10, v6, IPPROTO_TCP, 8);
	ok(talk_ask(&talk, TCP_SYN, &verdict) && verdict.gained.count[LB_UNTRACKED] == 1,
	   "a ninth flow in a memory for eight is not remembered");
	both_ways(&talk, kind, 0, v6 ? "IPv6, untracked" : "IPv4, untracked");
}

int main(void)
{
	stage_open(&stage, "--max-flows 4096");
	for (unsigned int i = 0; i < STAGE_KINDS; i++) {
		const struct stage_kind *kind = stage_add_kind(&stage, i, "");

		stage_backend(&stage, kind->name, kind->v6, 2, 12, "");
		every_kind(kind->v6, kind->protocol);
		every_quote(kind->v6, kind->protocol);
	}
	for (int v6 = 0; v6 < 2; v6++) {
		variants(v6);
		others_pass(v6);
		last_hop(v6);
		every_length(v6);
		by_hash(v6);
	}
	padding_stays();
	backend_in_maintenance();
	untracked(false);
	untracked(true);
	return tap_done();
}
