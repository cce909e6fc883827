// SPDX-License-Identifier: GPL-2.0-only
/*
 * A service that remembers nothing: each packet of a client is balanced anew, leaves no
 * trace in the flow memory, and is answered by the service all the same.
 */
#include <linux/bpf.h>

#include "rig/expect.h"
#include "rig/flow_table_dump.h"
#include "rig/test_env.h"

static struct stage stage;

static void add(const char *name, unsigned int number, bool v6, const char *flags)
{
	static const char *const weights[] = {"--weight 5", "--weight 3", "--weight 1"};

	stage_service(&stage, name, number, v6, IPPROTO_UDP, flags);
	for (unsigned int i = 0; i < 3; i++)
		stage_backend(&stage, name, v6, 2, 11 + i, weights[i]);
}

/* One socket's packets, and each answer, to the byte. */
static void balances_packets(unsigned int number, bool v6)
{
	struct talk talk = stage_talk(&stage, number, v6, IPPROTO_UDP, 1);
	unsigned int tally[3] = {0}, right = 0;
	struct frame frame;
	struct packet packet;
	struct verdict verdict;

	for (unsigned int i = 0; i < 900; i++) {
		if (!talk_ask(&talk, 0, &verdict) || verdict.gained.count[LB_FORWARDED] != 1)
			continue;
		tally[talk.backend.address.s6_addr[15] - 11]++;
		frame = talk_request_sent(&talk, talk_request(&talk, 0));
		packet_build(&frame, &packet);
		right += packet_same(&verdict.packet, &packet);
	}
	is_int(right, 900, "IPv%u: each of a client's packets is sent as it should be", v6 ? 6 : 4);
	ok(tally[0] == 500 && tally[1] == 300 && tally[2] == 100,
	   "900 of them are 500, 300 and 100");
	is_int(memory_count(&stage.balancer).total, 0, "and nothing is remembered");
	talk_answer(&talk, 0, &verdict);
	frame = talk_reply_sent(&talk, talk_reply(&talk, 0));
	packet_build(&frame, &packet);
	expect(&verdict, XDP_REDIRECT, LB_REPLIED, &packet,
	       "a reply is given the service's address");
	talk_answer(&talk, 0, &verdict);
	expect(&verdict, XDP_REDIRECT, LB_REPLIED, &packet, "and so is the next, by the way kept");
}

static void answers_are_public(void)
{
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_UDP, 4711);
	struct verdict verdict;
	struct frame frame;
	struct packet packet;

	talk.backend = stage_endpoint(false, 2, 12);
	ok(talk_answer(&talk, 0, &verdict), "whoever its backend answers, the service does");
	frame = talk_reply(&talk, 0);
	frame.source.port++;
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.back, &packet, &verdict);
	expect(&verdict, XDP_PASS, LB_PASSED, &packet, "but from its own port only");
}

/* A backend of two services: who is remembered comes first. */
static void shares_a_backend(void)
{
	struct talk known = stage_talk(&stage, 12, false, IPPROTO_UDP, 7);
	struct talk stranger = stage_talk(&stage, 10, false, IPPROTO_UDP, 8);
	struct verdict verdict;

	stage_service(&stage, "flows", 12, false, IPPROTO_UDP, "");
	stage_backend(&stage, "flows", false, 2, 11, "");
	ok(talk_ask(&known, 0, &verdict), "a client of a service that shares a backend");
	ok(talk_answer(&known, 0, &verdict), "is answered by that service");
	stranger.backend = known.backend;
	ok(talk_answer(&stranger, 0, &verdict), "all others by the one that knows nobody");
	balancer_do(&stage.balancer, "service del flows --force");
}

static void changes_live(void)
{
	struct talk talk = stage_talk(&stage, 13, false, IPPROTO_UDP, 9);
	struct verdict verdict;
	struct endpoint first;
	struct lb_flow flow;
	unsigned int stayed = 0;
	__u16 id;

	balancer_do(&stage.balancer, "service del dns4 --force"); /* it has the same backends */
	add("live", 13, false, "--scheduler rr");
	id = balancer_service(&stage.balancer, "live");
	talk_ask(&talk, 0, &verdict);
	ok(talk_flow(&talk, id, &flow), "a flow is remembered");
	balancer_do(&stage.balancer, "service set live --persist none");
	is_int(talk_flow(&talk, id, &flow), 0, "until the service remembers nothing");
	first = talk.backend;
	for (int i = 0; i < 9; i++)
		stayed += talk_ask(&talk, 0, &verdict) && endpoint_same(&first, &talk.backend);
	is_int(stayed, 3, "its packets take turns from then on");
	balancer_do(&stage.balancer, "service set live --persist flow");
	talk_ask(&talk, 0, &verdict);
	first = talk.backend;
	for (int i = stayed = 0; i < 9; i++)
		stayed += talk_ask(&talk, 0, &verdict) && endpoint_same(&first, &talk.backend);
	is_int(stayed, 9, "and stay together again when flows shall");
	ok(talk_flow(&talk, id, &flow), "as they are remembered");
}

static void nobody_to_ask(void)
{
	struct talk talk = stage_talk(&stage, 14, false, IPPROTO_UDP, 10);
	struct frame frame = talk_request(&talk, 0);
	struct verdict verdict;
	struct packet packet;

	stage_service(&stage, "empty", 14, false, IPPROTO_UDP, "--persist none");
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	expect(&verdict, XDP_DROP, LB_NO_BACKEND, &packet, "without a backend it is dropped");
}

int main(void)
{
	stage_open(&stage, "--max-flows 65536");
	add("dns4", 10, false, "--persist none");
	add("dns6", 11, true, "--persist none");
	balances_packets(10, false);
	balances_packets(11, true);
	answers_are_public();
	shares_a_backend();
	changes_live();
	nobody_to_ask();
	is_int(balancer_try(&stage.balancer, "service add tcp 192.0.2.99:80/tcp --persist none"), 3,
	       "TCP cannot have it");
	return tap_done();
}
