// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets without ports of their own, by every way of forwarding: ICMP errors and the rest
 * of fragmented packets reach the backend as the packets of their flow do, and but for
 * translation unchanged.
 */
#include <linux/bpf.h>
#include <string.h>

#include "oracle/forward_cases.h"
#include "packets/fragmenter.h"
#include "packets/icmp_builder.h"
#include "rig/expect.h"
#include "rig/process.h"

static struct stage stage;

/* `inner` is built as carriage_sent() says. */
static void arrives(const struct carriage *carriage, const struct packet *packet,
		    const struct frame *sent, const struct packet *inner, enum lb_outcome outcome,
		    const char *what)
{
	struct packet wanted = *inner;
	struct verdict verdict;

	balancer_receive(&stage.balancer, stage.rig.front, packet, &verdict);
	carriage_wrap(carriage, sent, false, &verdict.packet, &wanted);
	expect(&verdict, XDP_REDIRECT, outcome, &wanted, "%s: %s", carriage->name, what);
}

static void pieces(const struct carriage *carriage)
{
	struct talk talk = carriage_talk(&stage, carriage, IPPROTO_UDP, 7);
	struct frame frame = talk_request(&talk, 0), sent;

	frame.payload = 150;
	sent = carriage_sent(carriage, frame);
	for (unsigned int i = 0; i < 3; i++) {
		struct piece piece = {.id = 0x4321, .from = 64 * i, .bytes = 64};
		struct packet packet, inner;

		piece_build(&frame, &piece, &packet);
		piece_build(&sent, &piece, &inner);
		arrives(carriage, &packet, &sent, &inner, LB_FORWARDED,
			i ? "a later piece" : "the first");
	}
}

static void error(const struct carriage *carriage)
{
	struct talk talk = carriage_talk(&stage, carriage, IPPROTO_UDP, 8);
	struct message message = {
		.type = carriage->v6 ? 2 : 3, .code = carriage->v6 ? 0 : 4, .rest = 1300};
	struct frame request = talk_request(&talk, 0);
	struct packet packet, inner;
	struct verdict verdict;

	packet_build(&request, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	message.outer = request;
	message.outer.source = endpoint(carriage->v6 ? "2001:db8:77::9" : "203.0.113.9", 0);
	message.quoted = request;
	message.quoted.source = request.destination;
	message.quoted.destination = request.source;
	message_build(&message, &packet);
	message.outer = carriage_sent(carriage, message.outer);
	if (carriage_is_nat(carriage))
		message.quoted.source = talk.backend;
	message_build(&message, &inner);
	arrives(carriage, &packet, &message.outer, &inner, LB_ICMP_ERROR_RELAYED,
		"an error about its flow");
}

/* An error that does not fit into its tunnel has no other error as its consequence. */
static void large_error(const struct carriage *carriage)
{
	struct talk talk = carriage_talk(&stage, carriage, IPPROTO_UDP, 9);
	struct message message = {.type = carriage->v6 ? 2 : 3, .code = carriage->v6 ? 0 : 4};
	struct packet packet, wanted;
	struct verdict verdict;

	message.outer = talk_request(&talk, 0);
	packet_build(&message.outer, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	message.quoted = message.outer;
	message.quoted.source = talk.service;
	message.quoted.destination = talk.client;
	message.quoted.payload = carriage->v6 ? 1180 : 1220;
	message.outer.fragment = 0x4000;
	message_build(&message, &packet);
	message.outer.hops--; /* to the kernel, by the hardware address that it came with */
	message_build(&message, &wanted);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	carriage_wrap(carriage, &message.outer, false, &verdict.packet, &wanted);
	expect(&verdict, XDP_PASS, LB_TO_STACK, &wanted, "%s: a large error", carriage->name);
}

int main(void)
{
	rig_open(&stage.rig);
	process_must("ip link set back mtu 1290", NULL);
	balancer_open(&stage.balancer, "front back --max-flows 4096");
	carriage_open_all(&stage);
	for (unsigned int i = 0; i < CARRIAGES; i++) {
		pieces(&carriages[i]);
		error(&carriages[i]);
		if (carriage_is_tunnel(&carriages[i]))
			large_error(&carriages[i]);
	}
	return tap_done();
}
