// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spilling: flows for which a service has no room, or nobody at all, go to the backends of
 * another service, and are none the less flows with the address that their clients asked.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "rig/expect.h"
#include "rig/explain_check.h"
#include "rig/test_env.h"

#define OWN   11 /* the backend of the service that spills */
#define OTHER 14 /* those of the service that gets it: this one and the next */

static struct stage stage;
static __u32 client = 1;

static unsigned int host_of(const struct talk *talk)
{
	return talk->backend.address.s6_addr[15];
}

/* The host that a new flow is given to; 0 = refused, with the outcome. */
static unsigned int begin(struct talk *talk, unsigned int number, bool v6, __u8 protocol,
			  enum lb_outcome outcome)
{
	struct verdict verdict;

	*talk = stage_talk(&stage, number, v6, protocol, client++);
	if (talk_ask(talk, TCP_SYN, &verdict))
		return host_of(talk);
	return verdict.gained.count[outcome] == 1 && verdict.action == XDP_DROP ? 0 : 255;
}

static bool is_other(unsigned int host)
{
	return host == OTHER || host == OTHER + 1;
}

/*
 * Two services, the first of which has room for two flows and spills to the second. No flow
 * ends by itself before the test does, however slow the machine is.
 */
static void open_pair(unsigned int number, bool v6, __u8 protocol, const char *flags)
{
	char from[16], to[16], spill[96];

	snprintf(from, sizeof(from), "from%u", number);
	snprintf(to, sizeof(to), "to%u", number);
	snprintf(spill, sizeof(spill), "--timeout-new 1h --spill %s %s", to, flags);
	stage_service(&stage, to, number + 1, v6, protocol, "--scheduler rr --timeout-new 1h");
	stage_backend(&stage, to, v6, 2, OTHER, "");
	stage_service(&stage, from, number, v6, protocol, spill);
	stage_backend(&stage, from, v6, 2, OWN, "--max-flows 2");
	stage_backend(&stage, to, v6, 2, OTHER + 1, "");
}

/* What comes in by a device goes out as it is to. */
static void goes_out_as(const struct frame *in, unsigned int device, const struct frame *out,
			enum lb_outcome outcome, const char *what)
{
	struct packet packet, wanted;
	struct verdict verdict;

	packet_build(in, &packet);
	packet_build(out, &wanted);
	balancer_receive(&stage.balancer, device, &packet, &verdict);
	expect(&verdict, XDP_REDIRECT, outcome, &wanted, "%s: %s", what,
	       outcome == LB_FORWARDED ? "a request"
				       : "a reply comes from the address that was asked");
}

/* A reply comes from the address that was asked. */
static void is_answered(const struct talk *talk, __u8 flags, const char *what)
{
	struct frame reply = talk_reply(talk, flags), sent = talk_reply_sent(talk, reply);

	goes_out_as(&reply, stage.rig.back, &sent, LB_REPLIED, what);
}

/* Request and reply of a talk are translated as if its backend were the service's own. */
static void is_translated(const struct talk *talk, __u8 flags, const char *what)
{
	struct frame request = talk_request(talk, flags), sent = talk_request_sent(talk, request);

	goes_out_as(&request, stage.rig.front, &sent, LB_FORWARDED, what);
	is_answered(talk, flags, what);
}

static void full_ones_spill(unsigned int number, bool v6, __u8 protocol)
{
	struct talk talks[6], direct;
	unsigned int own = 0, other = 0, stayed = 0;
	struct verdict verdict;
	char what[64];

	snprintf(what, sizeof(what), "%s, IPv%u", protocol == IPPROTO_TCP ? "TCP" : "UDP",
		 v6 ? 6 : 4);
	open_pair(number, v6, protocol, "");
	for (unsigned int i = 0; i < 6; i++) {
		unsigned int host = begin(&talks[i], number, v6, protocol, LB_OVERLOADED);

		own += host == OWN;
		other += is_other(host);
	}
	is_int(own, 2, "%s: two flows fill the service's backend", what);
	is_int(other, 4, "and the rest goes to the other service's");
	ok(host_of(&talks[4]) != host_of(&talks[5]), "as that one's scheduler chooses");
	is_translated(&talks[5], TCP_SYN | TCP_ACK, what);
	is_translated(&talks[5], TCP_ACK, "established");
	is_translated(&talks[5], TCP_ACK, "and going on");
	for (unsigned int i = 0; i < 6; i++) {
		unsigned int before = host_of(&talks[i]);

		stayed += talk_ask(&talks[i], TCP_ACK, &verdict) && host_of(&talks[i]) == before;
	}
	is_int(stayed, 6, "flows stay where they are");
	ok(is_other(begin(&direct, number + 1, v6, protocol, LB_NO_BACKEND)) &&
		   talk_answer(&direct, TCP_SYN | TCP_ACK, &verdict),
	   "the other service's own flows are answered from its own address");
}

/* With nobody in service all flows are spilled, until somebody is. */
static void absent_ones_spill(unsigned int number)
{
	struct talk talk, known;
	struct verdict verdict;

	open_pair(number, false, IPPROTO_TCP, "--scheduler maglev");
	balancer_do(&stage.balancer, "backend drain from%u 10.2.0.%u:8080", number, OWN);
	ok(is_other(begin(&known, number, false, IPPROTO_TCP, LB_NO_BACKEND)),
	   "with its backend drained, a service spills");
	is_translated(&known, TCP_ACK, "nobody in service");
	talk = stage_talk(&stage, number, false, IPPROTO_TCP, client++);
	ok(talk_ask(&talk, TCP_ACK, &verdict) && is_other(host_of(&talk)),
	   "so do packets of flows that began elsewhere");
	balancer_do(&stage.balancer, "backend ready from%u 10.2.0.%u:8080", number, OWN);
	is_int(begin(&talk, number, false, IPPROTO_TCP, LB_NO_BACKEND), OWN,
	       "when it is back, new flows are its own again");
	is_translated(&known, TCP_ACK, "while what was spilled goes on");
	balancer_do(&stage.balancer, "backend maint from%u 10.2.0.%u:8080", number, OWN);
	balancer_do(&stage.balancer, "backend maint to%u 10.2.0.%u:8080", number, OTHER);
	balancer_do(&stage.balancer, "backend maint to%u 10.2.0.%u:8080", number, OTHER + 1);
	is_int(begin(&talk, number, false, IPPROTO_TCP, LB_NO_BACKEND), 0,
	       "with nobody in either, there is nobody");
	ok(!talk_ask(&known, TCP_ACK, &verdict) && verdict.gained.count[LB_NO_BACKEND] == 1,
	   "and maintenance takes what was spilled, too");
	balancer_do(&stage.balancer, "backend ready to%u 10.2.0.%u:8080", number, OTHER);
	is_int(begin(&talk, number, false, IPPROTO_TCP, LB_NO_BACKEND), OTHER,
	       "its backends' states are those of their deputies");
}

/* What is spilled counts against the limits of those that get it. */
static void limits_hold_there(unsigned int number)
{
	struct talk talks[4], last;
	struct verdict verdict;
	char name[16];
	__u16 id;

	open_pair(number, false, IPPROTO_TCP, "");
	balancer_do(&stage.balancer, "backend del to%u 10.2.0.%u:8080", number, OTHER + 1);
	balancer_do(&stage.balancer, "backend add to%u 10.2.0.%u:8080 --max-flows 2 --update",
		    number, OTHER);
	for (unsigned int i = 0; i < 4; i++)
		begin(&talks[i], number, false, IPPROTO_TCP, LB_OVERLOADED);
	is_int(host_of(&talks[3]), OTHER, "two flows are its own, two are spilled");
	is_int(begin(&last, number, false, IPPROTO_TCP, LB_OVERLOADED), 0,
	       "then those are full as well, and a flow is refused");
	is_int(begin(&last, number + 1, false, IPPROTO_TCP, LB_OVERLOADED), 0,
	       "and so is one of the other service's own");
	snprintf(name, sizeof(name), "to%u", number);
	id = balancer_backend(&stage.balancer, balancer_service(&stage.balancer, name),
			      &talks[3].backend);
	is_int(stage.balancer.loads[id].flows, 2, "the load is of whom the deputy stands for");
	talk_ask(&talks[3], TCP_RST | TCP_ACK, &verdict);
	is_int(stage.balancer.loads[id].flows, 1, "until a flow ends");
	is_int(begin(&last, number + 1, false, IPPROTO_TCP, LB_OVERLOADED), OTHER,
	       "and makes room");
}

/* What a deputy's flows tell of its backend is told of the backend. */
static void answers_are_timed_there(unsigned int number)
{
	const struct lb_latency *heard;
	struct verdict verdict;
	struct talk talk;
	char name[16];

	open_pair(number, false, IPPROTO_UDP, "");
	snprintf(name, sizeof(name), "to%u", number);
	balancer_do(&stage.balancer, "service set %s --feedback observe", name);
	balancer_do(&stage.balancer, "backend drain from%u 10.2.0.%u:8080", number, OWN);
	begin(&talk, number, false, IPPROTO_UDP, LB_NO_BACKEND);
	heard = &stage.balancer.responses[balancer_backend(
		&stage.balancer, balancer_service(&stage.balancer, name), &talk.backend)];
	is_int(heard->begun, 1, "a spilled flow begins with whom the deputy stands for");
	talk_answer(&talk, 0, &verdict);
	ok(heard->answered == 1 && heard->sum_us, "who is timed by its answer");
}

/* Told of a spilled flow: who chose, and how much the backend is worth there. */
static void explained(unsigned int number)
{
	struct talk talk;
	char from[64];

	open_pair(number, false, IPPROTO_TCP, "--scheduler maglev");
	balancer_do(&stage.balancer, "backend drain from%u 10.2.0.%u:8080", number, OWN);
	talk = stage_talk(&stage, number, false, IPPROTO_TCP, client++);
	snprintf(from, sizeof(from), "%s", endpoint_text(&talk.client));
	is_int(inquire(&stage.balancer, "spilled", "--src %s --dst %s/tcp --syn --interface front",
		       from, endpoint_text(&talk.service)),
	       0, "it would arrive");
	inquiry_tells("rr: the next in order");
	inquiry_has("share", "0.5");
	inquiry_tells("to a backend of 'to64'");
}

/* A backend may be in both services, and full in one. */
static void one_backend_in_both(unsigned int number)
{
	struct talk talks[3];

	stage_service(&stage, "twice-to", number + 1, false, IPPROTO_TCP, "");
	stage_backend(&stage, "twice-to", false, 2, OWN, "");
	stage_service(&stage, "twice", number, false, IPPROTO_TCP, "--spill twice-to");
	stage_backend(&stage, "twice", false, 2, OWN, "--max-flows 2");
	for (unsigned int i = 0; i < 3; i++)
		begin(&talks[i], number, false, IPPROTO_TCP, LB_OVERLOADED);
	is_int(host_of(&talks[2]), OWN, "the same host may take what it is too full for");
	is_translated(&talks[2], TCP_ACK, "by its deputy");
	is_translated(&talks[0], TCP_ACK, "and by itself");
}

/* Of a service that remembers nothing, and whose replies are known by their source. */
static void unremembered_ones_spill(unsigned int number)
{
	struct talk talk;

	open_pair(number, false, IPPROTO_UDP, "--persist none");
	balancer_do(&stage.balancer, "backend drain from%u 10.2.0.%u:8080", number, OWN);
	ok(is_other(begin(&talk, number, false, IPPROTO_UDP, LB_NO_BACKEND)),
	   "without memory a packet is spilled");
	is_answered(&talk, 0, "without memory");
}

/* Each way of forwarding that is not nat: whom the packet goes to, and by which headers. */
static void other_ways_spill(unsigned int number, const char *forward, unsigned int at)
{
	struct frame frame;
	struct packet packet;
	struct verdict verdict;
	struct talk talk;
	char flags[96], to[16];
	unsigned char host[6];

	snprintf(flags, sizeof(flags), "--spill to-%s --forward %s --source 10.2.0.64/32", forward,
		 forward);
	snprintf(to, sizeof(to), "to-%s", forward);
	stage_service(&stage, to, number + 1, false, IPPROTO_TCP, "");
	balancer_do(&stage.balancer, "backend add to-%s 10.2.0.%u:80", forward, OTHER);
	stage_service(&stage, forward, number, false, IPPROTO_TCP, flags);
	talk = stage_talk(&stage, number, false, IPPROTO_TCP, client++);
	frame = talk_request(&talk, TCP_SYN);
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	rig_hardware_address(2, OTHER, host);
	ok(verdict.action == XDP_REDIRECT && verdict.gained.count[LB_FORWARDED] == 1 &&
		   verdict.packet.length == packet.length + at &&
		   !memcmp(verdict.packet.bytes, host, sizeof(host)),
	   "by %s, too", forward);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	ok(verdict.gained.count[LB_FORWARDED] == 1, "and again");
}

int main(void)
{
	stage_open(&stage, "--max-flows 65536");
	full_ones_spill(10, false, IPPROTO_TCP);
	full_ones_spill(20, true, IPPROTO_TCP);
	full_ones_spill(30, false, IPPROTO_UDP);
	full_ones_spill(40, true, IPPROTO_UDP);
	absent_ones_spill(50);
	limits_hold_there(60);
	answers_are_timed_there(62);
	explained(64);
	one_backend_in_both(70);
	unremembered_ones_spill(80);
	other_ways_spill(90, "snat", 0);
	other_ways_spill(92, "dsr", 0);
	other_ways_spill(94, "ipip", 20);
	other_ways_spill(96, "gue", 28);
	return tap_done();
}
