// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets for backends that answer their clients by themselves, to the byte: by the
 * hardware address alone, in IP, in UDP; IPv4 and IPv6 in either.
 */
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "packets/checksum.h"
#include "packets/tunnel_builder.h"
#include "rig/expect.h"
#include "rig/process.h"
#include "rig/test_env.h"

#define DONT_FRAGMENT 0x4000

static struct stage stage;
static __u32 next_client = 1;

static const char *family_of(bool v6)
{
	return v6 ? "IPv6" : "IPv4";
}

/* A service, and its one backend: of either IP version, on the backends' side. */
struct pair {
	const char *forward;
	unsigned int number; /* of the service */
	bool v6;
	bool backend_v6;
	__u8 protocol;
};

static void add_pair(const struct pair *pair)
{
	char name[32], flags[64];
	struct endpoint backend = stage_endpoint(pair->backend_v6, 2, 11);

	snprintf(name, sizeof(name), "s%u", pair->number);
	snprintf(flags, sizeof(flags), "--forward %s", pair->forward);
	stage_service(&stage, name, pair->number, pair->v6, pair->protocol, flags);
	backend.port = 80;
	balancer_do(&stage.balancer, "backend add %s %s", name, endpoint_text(&backend));
}

static struct talk talk_with(const struct pair *pair)
{
	return stage_talk(&stage, pair->number, pair->v6, pair->protocol, next_client++);
}

/* The packet as it shall arrive at the backend, tunnel and Ethernet aside. */
static struct frame arriving(struct frame frame, bool routed)
{
	rig_hardware_address(2, 11, frame.to);
	rig_hardware_address(2, 1, frame.from);
	frame.hops -= routed;
	return frame;
}

static void receive(const struct frame *frame, struct verdict *verdict)
{
	struct packet packet;

	packet_build(frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, verdict);
}

static bool within(const struct endpoint *address)
{
	struct endpoint first = endpoint("172.16.0.0", 0), first6 = endpoint("100::", 0);

	if (endpoint_is_v6(address))
		return !memcmp(&address->address, &first6.address, 8);
	return !memcmp(address->address.s6_addr + 12, first.address.s6_addr + 12, 2);
}

static void is_wrapped(const struct pair *pair, const struct frame *frame, const char *what)
{
	struct endpoint backend = stage_endpoint(pair->backend_v6, 2, 11);
	struct frame inner = arriving(*frame, true);
	unsigned int network = packet_network(frame);
	struct packet packet, wanted;
	struct verdict verdict;
	struct outer outer;

	receive(frame, &verdict);
	if (!wrapped_read(&verdict.packet, network, &outer))
		diag("no tunnel");
	packet_build(&inner, &packet);
	outer.destination = backend;
	wrapped_build(&packet, network, &outer, &wanted);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted, "%s, %s %s in %s, %s", pair->forward,
	       family_of(pair->v6), pair->protocol == IPPROTO_TCP ? "TCP" : "UDP",
	       family_of(pair->backend_v6), what);
	ok(within(&outer.source) && !outer.source.port == !strcmp(pair->forward, "ipip"),
	   "from an address of the default prefix, %s", endpoint_text(&outer.source));
}

static void is_handed_over(const struct pair *pair, const struct frame *frame, const char *what)
{
	struct frame sent = arriving(*frame, false);
	struct packet wanted;
	struct verdict verdict;

	receive(frame, &verdict);
	packet_build(&sent, &wanted);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted, "dsr, %s %s, %s", family_of(pair->v6),
	       pair->protocol == IPPROTO_TCP ? "TCP" : "UDP", what);
}

static void arrives(const struct pair *pair, const struct frame *frame, const char *what)
{
	if (!strcmp(pair->forward, "dsr"))
		is_handed_over(pair, frame, what);
	else
		is_wrapped(pair, frame, what);
}

/* The same client's first packet, its next, and each kind of packet that there is. */
static void every_kind(const struct pair *pair)
{
	struct talk talk = talk_with(pair);
	struct frame frame = talk_request(&talk, TCP_SYN);

	arrives(pair, &frame, "the first packet");
	frame.flags = TCP_ACK;
	arrives(pair, &frame, "the second");
	arrives(pair, &frame, "the third");
	frame.fragment = pair->v6 ? 0 : DONT_FRAGMENT;
	arrives(pair, &frame, "not to be cut up");
	frame.fragment = 0;
	frame.payload = 1001;
	arrives(pair, &frame, "an odd number of bytes");
	frame.payload = 0;
	arrives(pair, &frame, "no payload");
	for (frame.tags = 1; frame.tags <= 2; frame.tags++) {
		frame.tag_type[0] = frame.tags == 2 ? ETH_P_8021AD : ETH_P_8021Q;
		frame.tag_type[1] = ETH_P_8021Q;
		frame.tag[0] = 0x2064;
		frame.tag[1] = 7;
		arrives(pair, &frame, frame.tags == 1 ? "a VLAN tag" : "two VLAN tags");
	}
	frame.tags = 0;
	frame.option_bytes = pair->v6 ? 0 : 12;
	arrives(pair, &frame, pair->v6 ? "once more" : "IPv4 options");
	frame.option_bytes = 0;
	frame.unchecked = pair->protocol == IPPROTO_UDP;
	arrives(pair, &frame, frame.unchecked ? "no UDP checksum" : "and again");
}

static void every_pair(void)
{
	static const char *const forwards[] = {"dsr", "ipip", "gue"};
	struct pair pair = {.number = 20};

	for (unsigned int i = 0; i < 24; i++) {
		pair.forward = forwards[i / 8];
		pair.v6 = i & 1;
		pair.backend_v6 = (i & 1) ^ (i >> 1 & 1);
		pair.protocol = i & 4 ? IPPROTO_UDP : IPPROTO_TCP;
		pair.number++;
		if (i < 8 && pair.v6 != pair.backend_v6)
			continue;
		add_pair(&pair);
		every_kind(&pair);
	}
}

/* Sources are of the prefix that was set, and as many as there are clients. */
static void sources_spread(void)
{
	struct pair pair = {"gue", 60, false, false, IPPROTO_UDP};
	struct endpoint first = endpoint("192.168.7.64", 0);
	unsigned int seen[64] = {0}, ports[64] = {0}, hosts = 0, queues = 0;
	bool all_within = true, same = true;

	add_pair(&pair);
	balancer_do(&stage.balancer, "service set s60 --source 192.168.7.64/26,2001:db8:9::/48");
	for (unsigned int i = 0; i < 1000; i++) {
		struct talk talk = talk_with(&pair);
		struct frame frame = talk_request(&talk, 0);
		struct outer outer, again;
		struct verdict verdict;

		receive(&frame, &verdict);
		wrapped_read(&verdict.packet, ETH_HLEN, &outer);
		receive(&frame, &verdict);
		wrapped_read(&verdict.packet, ETH_HLEN, &again);
		same &= !memcmp(&outer, &again, sizeof(outer));
		seen[outer.source.address.s6_addr[15] & 63]++;
		ports[outer.source.port & 63]++;
		outer.source.address.s6_addr[15] &= ~63;
		outer.source.port = 0;
		all_within &= endpoint_same(&outer.source, &first);
	}
	for (unsigned int i = 0; i < 64; i++) {
		hosts += seen[i] > 0;
		queues += ports[i] > 0;
	}
	ok(all_within, "all sources are of the prefix that was set");
	ok(hosts > 60, "and all of its addresses are used (%u of 64)", hosts);
	ok(queues > 60, "and so are ports");
	ok(same, "a flow has the same source always");
}

/* A flow ends as it began; new ones go the new way. */
static void changes_live(void)
{
	struct pair pair = {"ipip", 70, false, false, IPPROTO_TCP};
	struct talk old, talk;
	struct frame frame, sent;
	struct packet wanted;
	struct verdict verdict;

	stage_service(&stage, "s70", 70, false, IPPROTO_TCP, "");
	balancer_do(&stage.balancer, "backend add s70 10.2.0.11:80");
	old = talk_with(&pair);
	ok(talk_establish(&old), "a connection is translated");
	balancer_do(&stage.balancer, "service set s70 --forward ipip");
	frame = talk_request(&old, TCP_ACK);
	sent = talk_request_sent(&old, frame);
	receive(&frame, &verdict);
	packet_build(&sent, &wanted);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted, "and still is after a change");
	ok(talk_answer(&old, TCP_ACK, &verdict), "as its replies are");
	talk = talk_with(&pair);
	frame = talk_request(&talk, TCP_SYN);
	arrives(&pair, &frame, "a new connection then");
	balancer_do(&stage.balancer, "service set s70 --forward nat");
	frame.flags = TCP_ACK;
	arrives(&pair, &frame, "which stays so after the next change");
}

/* The client's packets alone tell a flow's story. */
static void states(void)
{
	struct pair pair = {"dsr", 71, false, false, IPPROTO_TCP};
	__u16 service = (add_pair(&pair), balancer_service(&stage.balancer, "s71"));
	struct talk talk = talk_with(&pair);
	static const struct {
		__u8 flags, state;
	} story[] = {{TCP_SYN, LB_FLOW_NEW},
		     {TCP_SYN, LB_FLOW_NEW},
		     {TCP_ACK, LB_FLOW_ESTABLISHED},
		     {TCP_ACK, LB_FLOW_ESTABLISHED},
		     {TCP_FIN | TCP_ACK, LB_FLOW_CLIENT_FIN},
		     {TCP_ACK, LB_FLOW_CLIENT_FIN},
		     {TCP_SYN, LB_FLOW_NEW}, /* another, from the same port */
		     {TCP_ACK, LB_FLOW_ESTABLISHED},
		     {TCP_RST, LB_FLOW_CLOSED}};

	for (unsigned int i = 0; i < sizeof(story) / sizeof(story[0]); i++) {
		struct frame frame = talk_request(&talk, story[i].flags);
		struct verdict verdict;
		struct lb_flow flow = {0};

		receive(&frame, &verdict);
		talk_flow(&talk, service, &flow);
		is_int(lb_flow_state(flow.data), story[i].state, "state after packet %u", i + 1);
	}
}

static void unreachable(void)
{
	struct pair pair = {"dsr", 72, false, false, IPPROTO_TCP};
	struct packet packet;
	struct verdict verdict;
	struct frame frame;
	struct talk talk;

	stage_service(&stage, "s72", 72, false, IPPROTO_TCP, "--forward dsr");
	balancer_do(&stage.balancer, "backend add s72 10.2.0.%u", RIG_UNRESOLVED);
	talk = talk_with(&pair);
	frame = talk_request(&talk, TCP_SYN);
	packet_build(&frame, &packet);
	receive(&frame, &verdict);
	expect(&verdict, XDP_DROP, LB_NO_NEIGHBOUR, &packet, "dsr, address not resolved: dropped");
	pair.number = 73;
	stage_service(&stage, "s73", 73, false, IPPROTO_TCP, "--forward dsr");
	balancer_do(&stage.balancer, "backend add s73 203.0.113.7");
	talk = talk_with(&pair);
	frame = talk_request(&talk, TCP_SYN);
	packet_build(&frame, &packet);
	receive(&frame, &verdict);
	expect(&verdict, XDP_DROP, LB_NO_ROUTE, &packet, "dsr, behind a router: dropped");
}

/* The kernel would send it back whence it came. */
static void by_no_device_of_ours(void)
{
	struct pair pair = {"dsr", 74, false, false, IPPROTO_TCP};
	struct packet packet;
	struct verdict verdict;
	struct frame frame;
	struct talk talk;

	process_must("ip -batch -", "link add third type veth peer name third-peer\n"
				    "link set third up\nlink set third-peer up\n"
				    "address add 10.4.0.1/24 dev third\n"
				    "neighbour add 10.4.0.11 lladdr 02:00:00:00:04:0b dev third\n");
	stage_service(&stage, "s74", 74, false, IPPROTO_TCP, "--forward dsr");
	balancer_do(&stage.balancer, "backend add s74 10.4.0.11");
	talk = talk_with(&pair);
	frame = talk_request(&talk, TCP_SYN);
	packet_build(&frame, &packet);
	receive(&frame, &verdict);
	expect(&verdict, XDP_DROP, LB_NO_ROUTE, &packet, "dsr, by a device not ours: dropped");
}

/* A pseudo header that adds up to nothing is no sign of a packet without a checksum. */
static void sums_of_nothing(void)
{
	struct pair pair = {"gue", 75, false, true, IPPROTO_UDP};
	struct frame frame;
	struct talk talk;
	__u32 sum;

	add_pair(&pair);
	talk = talk_with(&pair);
	frame = talk_request(&talk, 0);
	frame.payload = 20;
	sum = checksum_add(IPPROTO_UDP + 8 + frame.payload, talk.service.address.s6_addr + 12, 4);
	sum = checksum_field(checksum_add(sum, frame.source.address.s6_addr + 12, 2));
	frame.source.address.s6_addr[14] = sum >> 8;
	frame.source.address.s6_addr[15] = sum;
	arrives(&pair, &frame, "a pseudo header of zero");
}

/* While flows go untracked, answers of theirs are translated; these are no answers of theirs. */
static void answers_pass(void)
{
	static const char *const forwards[] = {"dsr", "ipip", "gue", "snat"};
	struct verdict verdict;

	stage_service(&stage, "crowd", 80, false, IPPROTO_UDP, "");
	balancer_do(&stage.balancer, "backend add crowd 10.2.0.18:80");
	do {
		struct talk talk = stage_talk(&stage, 80, false, IPPROTO_UDP, next_client++);

		talk_ask(&talk, 0, &verdict);
		talk_answer(&talk, 0, &verdict);
		talk_ask(&talk, 0, &verdict);
	} while (!verdict.gained.count[LB_UNTRACKED]);
	for (unsigned int i = 0; i < sizeof(forwards) / sizeof(forwards[0]); i++) {
		struct pair pair = {forwards[i], 81 + i, false, false, IPPROTO_UDP};
		struct frame frame;
		struct packet packet;
		struct talk talk;
		char name[8];

		snprintf(name, sizeof(name), "s%u", pair.number);
		talk = talk_with(&pair);
		stage_service(&stage, name, pair.number, false, IPPROTO_UDP,
			      "--source 172.20.0.1/32");
		balancer_do(&stage.balancer, "service set %s --forward %s", name, forwards[i]);
		talk.backend = stage_endpoint(false, 2, 12 + i);
		talk.backend.port = 80;
		balancer_do(&stage.balancer, "backend add %s %s", name,
			    endpoint_text(&talk.backend));
		frame = talk_reply(&talk, 0);
		packet_build(&frame, &packet);
		balancer_receive(&stage.balancer, stage.rig.back, &packet, &verdict);
		expect(&verdict, XDP_PASS, LB_REPLY_UNKNOWN, &packet,
		       "%s: a backend's answer passes amid a crowd", forwards[i]);
	}
}

int main(void)
{
	stage_open(&stage, "--max-flows 4096");
	every_pair();
	sources_spread();
	changes_live();
	states();
	unreachable();
	by_no_device_of_ours();
	sums_of_nothing();
	answers_pass();
	return tap_done();
}
