// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which packets of a backend are replies of a service: those of remembered
 * flows, given the address of the service that the client spoke to.
 */
#include <linux/bpf.h>

#include "rig/expect.h"
#include "rig/test_env.h"

static struct stage stage;

static void passes(const struct frame *frame, enum lb_outcome outcome, const char *what)
{
	struct packet packet;
	struct verdict verdict;

	packet_build(frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.back, &packet, &verdict);
	expect(&verdict, XDP_PASS, outcome, &packet, "%s", what);
}

static void strangers_answers_pass(bool v6)
{
	struct talk talk = stage_talk(&stage, 10, v6, IPPROTO_TCP, 1000);
	struct frame frame;

	talk.backend = stage_endpoint(v6, 2, 11);
	frame = talk_reply(&talk, TCP_ACK);
	passes(&frame, LB_REPLY_UNKNOWN, "who spoke to the backend directly is answered directly");
}

static void other_ports_pass(bool v6)
{
	struct talk talk = stage_talk(&stage, 10, v6, IPPROTO_TCP, 1);
	struct verdict verdict;
	struct frame frame;

	ok(talk_ask(&talk, TCP_SYN, &verdict), "a client speaks to a service");
	frame = talk_reply(&talk, TCP_ACK);
	frame.source.port++;
	passes(&frame, LB_PASSED, "what comes from another port of the backend is no reply");
	frame = talk_reply(&talk, TCP_ACK);
	frame.destination.port++;
	passes(&frame, LB_REPLY_UNKNOWN, "what goes to another port of the client is no reply");
}

static void other_backend_passes(void)
{
	struct talk talk = stage_talk(&stage, 11, false, IPPROTO_TCP, 2);
	struct verdict verdict;
	struct frame frame;

	ok(talk_ask(&talk, TCP_SYN, &verdict), "a client speaks to a service of two backends");
	talk.backend = stage_endpoint(false, 2, talk.backend.address.s6_addr[15] == 12 ? 13 : 12);
	frame = talk_reply(&talk, TCP_ACK);
	passes(&frame, LB_REPLY_UNKNOWN, "an answer of the other backend is no reply");
}

/* One backend of two services, one client port that speaks to both. */
static void sharers_are_told_apart(bool v6)
{
	struct talk first = stage_talk(&stage, 20, v6, IPPROTO_TCP, 3);
	struct talk second = stage_talk(&stage, 21, v6, IPPROTO_TCP, 4);
	struct verdict verdict;

	ok(talk_ask(&first, TCP_SYN, &verdict) && talk_ask(&second, TCP_SYN, &verdict) &&
		   endpoint_same(&first.backend, &second.backend),
	   "two services share a backend");
	ok(talk_answer(&first, TCP_SYN | TCP_ACK, &verdict),
	   "the client of the first is answered by the first");
	ok(talk_answer(&second, TCP_SYN | TCP_ACK, &verdict),
	   "the client of the second is answered by the second");
}

/* TCP and UDP services on the same addresses and ports have nothing to do with each other. */
static void protocols_are_told_apart(void)
{
	struct talk udp = stage_talk(&stage, 10, false, IPPROTO_UDP, 5);
	struct frame frame;
	struct verdict verdict;

	ok(talk_ask(&udp, 0, &verdict), "a client speaks to a UDP service");
	udp.protocol = IPPROTO_TCP;
	frame = talk_reply(&udp, TCP_ACK);
	passes(&frame, LB_REPLY_UNKNOWN, "a TCP packet is no reply to it");
	udp.protocol = IPPROTO_UDP;
	ok(talk_answer(&udp, 0, &verdict), "a UDP packet is");
}

/* A backend's own connections, from its service port or not, are its own affair. */
static void backend_may_speak(void)
{
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, 6);
	struct frame frame;

	talk.backend = stage_endpoint(false, 2, 11);
	talk.backend.port = 45678;
	frame = talk_reply(&talk, TCP_SYN);
	passes(&frame, LB_PASSED, "a connection that the backend begins passes");
}

static void add_services(bool v6)
{
	const char *names[] = {v6 ? "web6" : "web", v6 ? "one6" : "one", v6 ? "two6" : "two"};

	stage_service(&stage, names[0], 10, v6, IPPROTO_TCP, "");
	stage_backend(&stage, names[0], v6, 2, 11, "");
	stage_service(&stage, names[1], 20, v6, IPPROTO_TCP, "");
	stage_backend(&stage, names[1], v6, 2, 14, "");
	stage_service(&stage, names[2], 21, v6, IPPROTO_TCP, "");
	stage_backend(&stage, names[2], v6, 2, 14, "");
}

int main(void)
{
	stage_open(&stage, "--max-flows 4096");
	add_services(false);
	add_services(true);
	stage_service(&stage, "pair", 11, false, IPPROTO_TCP, "");
	stage_backend(&stage, "pair", false, 2, 12, "");
	stage_backend(&stage, "pair", false, 2, 13, "");
	stage_service(&stage, "dns", 10, false, IPPROTO_UDP, "");
	stage_backend(&stage, "dns", false, 2, 11, "");
	for (int v6 = 0; v6 < 2; v6++) {
		strangers_answers_pass(v6);
		other_ports_pass(v6);
		sharers_are_told_apart(v6);
	}
	other_backend_passes();
	protocols_are_told_apart();
	backend_may_speak();
	return tap_done();
}
