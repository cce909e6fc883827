// SPDX-License-Identifier: GPL-2.0-only
/*
 * Full translation, to the byte: backends see an address and port of ours, each flow
 * its own; their answers find the client again. Nobody's port is taken while his
 * connection lives; when there is none left, new flows are refused and counted.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rig/expect.h"
#include "rig/test_env.h"

#define SOURCE4 "10.2.0.1"
#define SOURCE6 "fd02::1"

static struct stage stage;
static __u32 next_client = 1;

static struct endpoint source_address(bool v6)
{
	return endpoint(v6 ? SOURCE6 : SOURCE4, 0);
}

/* Sends a request; the endpoint that the backend sees. False if it was not sent. */
static bool ask(const struct frame *frame, struct endpoint *seen, struct endpoint *backend)
{
	struct packet packet;
	struct verdict verdict;

	packet_build(frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	return verdict.action == XDP_REDIRECT && verdict.gained.count[LB_FORWARDED] == 1 &&
	       packet_read(&verdict.packet, seen, backend);
}

static bool is_ours(const struct endpoint *seen)
{
	struct endpoint address = source_address(endpoint_is_v6(seen));

	return !memcmp(&address.address, &seen->address, sizeof(address.address)) &&
	       seen->port >= LB_SNAT_PORT_FIRST;
}

/* The packet of a backend to what it took for its client. */
static struct frame answer(const struct talk *talk, const struct endpoint *seen, __u8 flags)
{
	struct frame frame = talk_reply(talk, flags);

	frame.destination = *seen;
	return frame;
}

static void goes_both_ways(struct talk *talk, struct frame frame, const char *what)
{
	struct frame sent = frame, reply;
	struct packet packet, wanted;
	struct endpoint seen = {0};
	struct verdict verdict;

	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	packet_read(&verdict.packet, &seen, &talk->backend);
	sent = talk_request_sent(talk, frame);
	sent.source = seen;
	packet_build(&sent, &wanted);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted, "request, %s", what);
	ok(is_ours(&seen), "from an endpoint of ours, %s", endpoint_text(&seen));

	reply = frame;
	reply.flags = TCP_SYN | TCP_ACK;
	memcpy(reply.to, sent.from, sizeof(reply.to));
	memcpy(reply.from, sent.to, sizeof(reply.from));
	reply.source = talk->backend;
	reply.destination = seen;
	packet_build(&reply, &packet);
	balancer_receive(&stage.balancer, stage.rig.back, &packet, &verdict);
	sent = talk_reply_sent(talk, reply);
	sent.destination = talk->client;
	packet_build(&sent, &wanted);
	expect(&verdict, XDP_REDIRECT, LB_REPLIED, &wanted, "reply, %s", what);
}

static void every_kind(unsigned int number, bool v6, __u8 protocol)
{
	for (unsigned int i = 0; i < 6; i++) {
		struct talk talk = stage_talk(&stage, number, v6, protocol, next_client++);
		struct frame frame = talk_request(&talk, TCP_SYN);
		char what[64];

		frame.payload = i == 1 ? 0 : i == 2 ? 1001 : 19;
		frame.tags = i == 3 || i == 4 ? i - 2 : 0;
		frame.tag_type[0] = frame.tags == 2 ? ETH_P_8021AD : ETH_P_8021Q;
		frame.tag_type[1] = ETH_P_8021Q;
		frame.option_bytes = i == 5 && !v6 ? 8 : 0;
		frame.unchecked = i == 5 && protocol == IPPROTO_UDP;
		snprintf(what, sizeof(what), "IPv%u %s, kind %u", v6 ? 6 : 4,
			 protocol == IPPROTO_TCP ? "TCP" : "UDP", i);
		goes_both_ways(&talk, frame, what);
	}
}

static void add_service(const char *name, unsigned int number, bool v6, __u8 protocol)
{
	stage_service(&stage, name, number, v6, protocol,
		      "--forward snat --source " SOURCE4 "/32," SOURCE6 "/128");
	stage_backend(&stage, name, v6, 2, 11, "");
}

/* Only the backend that was asked is answered for. */
static void strangers(void)
{
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, next_client++);
	struct frame frame = talk_request(&talk, TCP_SYN);
	struct endpoint seen = {0}, elsewhere;
	struct packet packet;
	struct verdict verdict;

	ok(ask(&frame, &seen, &talk.backend), "a connection begins");
	frame = answer(&talk, &seen, TCP_SYN | TCP_ACK);
	frame.source.port++;
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.back, &packet, &verdict);
	expect(&verdict, XDP_PASS, LB_REPLY_UNKNOWN, &packet, "from another port: passes");
	frame.source.port--;
	frame.source.address.s6_addr[15]++;
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.back, &packet, &verdict);
	expect(&verdict, XDP_PASS, LB_REPLY_UNKNOWN, &packet, "from another host: passes");
	elsewhere = seen;
	elsewhere.port = 22;
	frame = answer(&talk, &elsewhere, TCP_ACK);
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.back, &packet, &verdict);
	expect(&verdict, XDP_PASS, LB_REPLY_UNKNOWN, &packet, "to a port not given out: passes");
	talk = stage_talk(&stage, 10, false, IPPROTO_TCP, next_client++);
	frame = talk_request(&talk, TCP_ACK);
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	expect(&verdict, XDP_DROP, LB_NO_TRANSLATION, &packet, "amid nothing known: dropped");
}

/* Of a service on all ports, the port that was asked for answers, and no other. */
static void other_ports(void)
{
	struct talk talk = stage_talk(&stage, 40, false, IPPROTO_UDP, next_client++);
	struct frame frame, sent;
	struct endpoint seen = {0};
	struct packet packet, wanted;
	struct verdict verdict;

	balancer_do(&stage.balancer, "service add any 192.0.2.40:0/udp --forward snat "
				     "--source " SOURCE4 "/32," SOURCE6 "/128");
	balancer_do(&stage.balancer, "backend add any 10.2.0.12");
	talk.service.port = 1234;
	frame = talk_request(&talk, 0);
	ok(ask(&frame, &seen, &talk.backend) && talk.backend.port == 1234, "port 1234 is asked");
	frame = answer(&talk, &seen, 0);
	sent = talk_reply_sent(&talk, frame);
	sent.destination = talk.client;
	packet_build(&frame, &packet);
	packet_build(&sent, &wanted);
	balancer_receive(&stage.balancer, stage.rig.back, &packet, &verdict);
	expect(&verdict, XDP_REDIRECT, LB_REPLIED, &wanted, "and answers");
	frame.source.port++;
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.back, &packet, &verdict);
	expect(&verdict, XDP_PASS, LB_REPLY_UNKNOWN, &packet, "from port 1235: passes");
}

struct connection {
	struct talk talk;
	struct endpoint seen;
	bool lives;
};

static bool establish(struct connection *connection)
{
	struct frame frame = talk_request(&connection->talk, TCP_SYN);
	struct packet packet;
	struct verdict verdict;

	if (!ask(&frame, &connection->seen, &connection->talk.backend))
		return false;
	frame = answer(&connection->talk, &connection->seen, TCP_SYN | TCP_ACK);
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.back, &packet, &verdict);
	if (verdict.gained.count[LB_REPLIED] != 1)
		return false;
	frame = talk_request(&connection->talk, TCP_ACK);
	return ask(&frame, &connection->seen, &connection->talk.backend);
}

/* More connections than there are ports: those that live keep theirs. */
static void exhaustion(void)
{
	enum {
		COUNT = 70000
	};
	struct connection *connections = calloc(COUNT, sizeof(*connections));
	static unsigned char given[LB_SNAT_PORTS];
	unsigned int alive = 0, twice = 0, moved = 0;
	struct lb_outcomes before = balancer_outcomes(&stage.balancer), after;

	for (unsigned int i = 0; i < COUNT; i++) {
		struct connection *one = &connections[i];

		one->talk = stage_talk(&stage, 20, false, IPPROTO_TCP, next_client++);
		one->lives = establish(one);
		alive += one->lives;
		if (one->lives)
			twice += given[one->seen.port]++;
	}
	after = balancer_outcomes(&stage.balancer);
	for (unsigned int i = 0; i < COUNT; i++) {
		struct frame frame = talk_request(&connections[i].talk, TCP_ACK);
		struct endpoint seen = {0}, backend;

		if (connections[i].lives)
			moved += !ask(&frame, &seen, &backend) ||
				 !endpoint_same(&seen, &connections[i].seen);
	}
	ok(alive > LB_SNAT_PORTS * 9 / 10, "%u of 64512 ports are used", alive);
	is_int(twice, 0, "none by two flows");
	is_int(moved, 0, "and all keep theirs");
	ok(after.count[LB_NO_PORT] - before.count[LB_NO_PORT] == COUNT - alive,
	   "the other %u are refused and counted", COUNT - alive);
	free(connections);
}

static void changes_live(void)
{
	struct connection first = {.talk = stage_talk(&stage, 30, false, IPPROTO_TCP, 1)};
	struct talk second;
	struct frame frame;
	struct endpoint seen, backend;

	stage_service(&stage, "live", 30, false, IPPROTO_TCP, "--source " SOURCE4 "/32");
	stage_backend(&stage, "live", false, 2, 11, "");
	second = stage_talk(&stage, 30, false, IPPROTO_TCP, next_client++);
	ok(talk_establish(&second), "a connection by nat");
	balancer_do(&stage.balancer, "service set live --forward snat");
	first.talk = stage_talk(&stage, 30, false, IPPROTO_TCP, next_client++);
	ok(establish(&first) && is_ours(&first.seen), "another by snat");
	frame = talk_request(&second, TCP_ACK);
	ok(ask(&frame, &seen, &backend) && endpoint_same(&seen, &second.client),
	   "the first is as it was");
	balancer_do(&stage.balancer, "service set live --forward nat");
	frame = talk_request(&first.talk, TCP_ACK);
	ok(ask(&frame, &seen, &backend) && endpoint_same(&seen, &first.seen),
	   "and so is the other when that is undone");
	second = stage_talk(&stage, 30, false, IPPROTO_TCP, next_client++);
	ok(talk_establish(&second), "while new ones are of nat again");
	is_int(balancer_try(&stage.balancer, "service set live --source 10.2.0.77/32"), 5,
	       "taking the address away is refused while flows are alive");
	balancer_do(&stage.balancer, "service set live --source 10.2.0.77/32 --force");
}

int main(void)
{
	stage_open(&stage, "--max-flows 65536 --max-sources 4");
	add_service("tcp", 10, false, IPPROTO_TCP);
	add_service("tcp6", 10, true, IPPROTO_TCP);
	add_service("udp", 11, false, IPPROTO_UDP);
	add_service("udp6", 11, true, IPPROTO_UDP);
	every_kind(10, false, IPPROTO_TCP);
	every_kind(10, true, IPPROTO_TCP);
	every_kind(11, false, IPPROTO_UDP);
	every_kind(11, true, IPPROTO_UDP);
	strangers();
	other_ports();
	changes_live();
	add_service("full", 20, false, IPPROTO_TCP);
	exhaustion();
	return tap_done();
}
