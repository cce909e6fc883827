// SPDX-License-Identifier: GPL-2.0-only
/*
 * A service on all ports of its address: backends get the port that was asked for, to the
 * byte both ways; a service on one port of the same address comes first.
 */
#include <linux/bpf.h>
#include <stdio.h>

#include "rig/expect.h"
#include "rig/test_env.h"

static struct stage stage;
static __u32 next_client = 1;

static struct talk talk_at(bool v6, __u8 protocol, __u16 port)
{
	struct talk talk = stage_talk(&stage, 10, v6, protocol, next_client++);

	talk.service.port = port;
	return talk;
}

static void add_all(bool v6, __u8 protocol, const char *flags)
{
	const char *name = protocol == IPPROTO_TCP ? v6 ? "tcp6" : "tcp4" : v6 ? "udp6" : "udp4";

	balancer_do(&stage.balancer, "service add %s %s/%s %s", name,
		    v6 ? "[2001:db8::a]:0" : "192.0.2.10:0",
		    protocol == IPPROTO_TCP ? "tcp" : "udp", flags);
	balancer_do(&stage.balancer, "backend add %s %s", name, v6 ? "fd02::b" : "10.2.0.11");
	balancer_do(&stage.balancer, "backend add %s %s", name, v6 ? "fd02::c" : "10.2.0.12");
}

static void both_ways(bool v6, __u8 protocol)
{
	static const __u16 ports[] = {1, 80, 443, 8080, 65535};

	for (unsigned int i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		struct talk talk = talk_at(v6, protocol, ports[i]);
		struct frame frame = talk_request(&talk, TCP_SYN), sent;
		struct packet packet, wanted;
		struct verdict verdict;

		talk_ask(&talk, TCP_SYN, &verdict);
		sent = talk_request_sent(&talk, frame);
		packet_build(&sent, &wanted);
		expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted, "request to port %u",
		       ports[i]);
		is_int(talk.backend.port, ports[i], "which is the backend's too");
		frame = talk_reply(&talk, TCP_SYN | TCP_ACK);
		sent = talk_reply_sent(&talk, frame);
		packet_build(&frame, &packet);
		packet_build(&sent, &wanted);
		balancer_receive(&stage.balancer, stage.rig.back, &packet, &verdict);
		expect(&verdict, XDP_REDIRECT, LB_REPLIED, &wanted, "reply from port %u", ports[i]);
	}
}

/* Connections by the same port of a client, to two ports of the service, are two. */
static void two_at_once(bool v6)
{
	struct talk one = talk_at(v6, IPPROTO_TCP, 1000), other = one;
	struct verdict verdict;
	struct endpoint first;

	other.service.port = 2000;
	ok(talk_establish(&one), "a connection to port 1000");
	first = one.backend;
	ok(talk_establish(&other), "another to port 2000 from the same port");
	ok(talk_ask(&other, TCP_RST, &verdict), "which is reset");
	ok(talk_ask(&one, TCP_ACK, &verdict) && endpoint_same(&one.backend, &first) &&
		   talk_answer(&one, TCP_ACK, &verdict),
	   "leaves the first as it was");
}

static void one_port_first(void)
{
	struct talk talk;
	struct verdict verdict;

	balancer_do(&stage.balancer, "service add special 192.0.2.10:25/tcp");
	balancer_do(&stage.balancer, "backend add special 10.2.0.15:2525");
	talk = talk_at(false, IPPROTO_TCP, 25);
	ok(talk_establish(&talk) && talk.backend.port == 2525, "a service on one port comes first");
	balancer_do(&stage.balancer, "service del special --force");
	talk = talk_at(false, IPPROTO_TCP, 25);
	ok(talk_ask(&talk, TCP_SYN, &verdict) && talk.backend.port == 25, "and leaves its port");
}

/* A host that is a backend on all ports, and one of another service on one of them. */
static void shared_with_one_port(bool v6)
{
	const char *backend = v6 ? "[fd02::b]:8080" : "10.2.0.11:8080";
	const char *name = v6 ? "one6" : "one4";
	struct talk any, one;
	struct verdict verdict;

	stage_service(&stage, name, 20, v6, IPPROTO_TCP, "");
	balancer_do(&stage.balancer, "backend add %s %s", name, backend);
	balancer_do(&stage.balancer, "backend drain %s %s", v6 ? "tcp6" : "tcp4",
		    v6 ? "fd02::c" : "10.2.0.12");
	any = talk_at(v6, IPPROTO_TCP, 8080);
	ok(talk_establish(&any) && any.backend.port == 8080,
	   "a reply from a port that another service has is of the flow on all ports");
	ok(talk_ask(&any, TCP_ACK, &verdict) && talk_answer(&any, TCP_ACK, &verdict),
	   "and so are the next");
	one = stage_talk(&stage, 20, v6, IPPROTO_TCP, 0);
	one.client = any.client;
	ok(talk_ask(&one, TCP_SYN, &verdict) && talk_answer(&one, TCP_SYN | TCP_ACK, &verdict),
	   "the other service's own are its own");
	balancer_do(&stage.balancer, "backend ready %s %s", v6 ? "tcp6" : "tcp4",
		    v6 ? "fd02::c" : "10.2.0.12");
}

static void refused(void)
{
	is_int(balancer_try(&stage.balancer, "backend add tcp4 10.2.0.13:80"), 3,
	       "a backend has no port of its own");
	is_int(balancer_try(&stage.balancer, "backend weight tcp4 10.2.0.11:0 3"), 0,
	       "it can be named as it is shown");
}

int main(void)
{
	stage_open(&stage, "--max-flows 65536");
	for (int v6 = 0; v6 < 2; v6++) {
		add_all(v6, IPPROTO_TCP, "");
		add_all(v6, IPPROTO_UDP, "");
		both_ways(v6, IPPROTO_TCP);
		both_ways(v6, IPPROTO_UDP);
		two_at_once(v6);
		shared_with_one_port(v6);
	}
	one_port_first();
	refused();
	return tap_done();
}
