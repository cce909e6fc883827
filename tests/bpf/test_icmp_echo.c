// SPDX-License-Identifier: GPL-2.0-only
/*
 * Echo requests to a service's address are answered, to the byte; all other ICMP, and
 * echo requests to others, pass untouched.
 */
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <string.h>

#include "packets/checksum.h"
#include "rig/expect.h"
#include "rig/test_env.h"

#define ECHO	    8
#define ECHO_REPLY  0
#define ECHO6	    128
#define ECHO6_REPLY 129

static struct env env;

/* What an ICMPv6 checksum covers besides the message. */
static __u32 pseudo_header(const struct frame *frame)
{
	__be32 rest[2] = {htonl(frame->payload), htonl(IPPROTO_ICMPV6)};
	__u32 sum = checksum_add(0, &frame->source.address, 16);

	sum = checksum_add(sum, &frame->destination.address, 16);
	return checksum_add(sum, rest, sizeof(rest));
}

/* Makes the payload an ICMP message, the rest of it as it is. */
static void finish(const struct frame *frame, __u8 type, __u8 code, struct packet *packet)
{
	unsigned char *message = packet->bytes + packet_transport(frame);
	bool v6 = endpoint_is_v6(&frame->source);
	__be16 sum = 0;

	if (frame->payload < 4)
		return;
	message[0] = type;
	message[1] = code;
	memcpy(message + 2, &sum, sizeof(sum));
	sum = htons(checksum_field(
		checksum_add(v6 ? pseudo_header(frame) : 0, message, frame->payload)));
	memcpy(message + 2, &sum, sizeof(sum));
}

/* An ICMP message of frame->payload bytes, the rest of it as packet_build() fills it. */
static void build(const struct frame *frame, __u8 type, __u8 code, struct packet *packet)
{
	packet_build(frame, packet);
	finish(frame, type, code, packet);
}

static void build_zeros(const struct frame *frame, __u8 type, struct packet *packet)
{
	packet_build(frame, packet);
	memset(packet->bytes + packet_transport(frame), 0, frame->payload);
	finish(frame, type, 0, packet);
}

static struct frame request(bool v6)
{
	struct exchange exchange =
		env_exchange(&env, 10, v6, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, 1);
	struct frame frame = exchange_request(&exchange, 0);

	frame.payload = 64;
	return frame;
}

static struct frame reply_to(const struct frame *frame)
{
	struct frame reply = *frame;

	memcpy(reply.to, frame->from, sizeof(reply.to));
	memcpy(reply.from, frame->to, sizeof(reply.from));
	reply.source = frame->destination;
	reply.destination = frame->source;
	reply.ttl = 64;
	return reply;
}

static void echo_is_answered(const struct frame *frame, const char *what)
{
	bool v6 = endpoint_is_v6(&frame->source);
	struct frame reply = reply_to(frame);
	struct packet packet, wanted;
	struct verdict verdict;

	build(frame, v6 ? ECHO6 : ECHO, 0, &packet);
	build(&reply, v6 ? ECHO6_REPLY : ECHO_REPLY, 0, &wanted);
	instance_receive(&env.instance, env.rig.front, &packet, &verdict);
	expect(&verdict, XDP_TX, LB_ECHO_ANSWERED, &wanted, "%s, %s: answered",
	       v6 ? "IPv6" : "IPv4", what);
}

static void passes(const struct frame *frame, __u8 type, __u8 code, enum lb_outcome outcome,
		   const char *what)
{
	struct packet packet;
	struct verdict verdict;

	build(frame, type, code, &packet);
	instance_receive(&env.instance, env.rig.front, &packet, &verdict);
	expect(&verdict, XDP_PASS, outcome, &packet, "%s, %s: passes untouched",
	       endpoint_is_v6(&frame->source) ? "IPv6" : "IPv4", what);
}

static void pings_are_answered(bool v6)
{
	struct frame frame = request(v6);

	echo_is_answered(&frame, "64 bytes");
	frame.payload = 8;
	echo_is_answered(&frame, "nothing but the header");
	frame.payload = 1001;
	echo_is_answered(&frame, "an odd number of bytes");
	frame = request(v6);
	frame.ttl = 1;
	echo_is_answered(&frame, "on its last hop");
	frame.ttl = 255;
	echo_is_answered(&frame, "on its first hop");
	frame = request(v6);
	for (frame.tags = 1; frame.tags <= 2; frame.tags++) {
		frame.tag_type[0] = frame.tags == 2 ? 0x88a8 : 0x8100;
		frame.tag_type[1] = 0x8100;
		frame.tag[0] = 7;
		frame.tag[1] = 8;
		echo_is_answered(&frame, frame.tags == 1 ? "a VLAN tag" : "two VLAN tags");
	}
}

/* Nothing but zeros follow in the answer, whose checksum still is no zero. */
static void zeros_are_answered(bool v6)
{
	struct frame frame = request(v6), reply = reply_to(&frame);
	struct packet packet, wanted;
	struct verdict verdict;

	build_zeros(&frame, v6 ? ECHO6 : ECHO, &packet);
	build_zeros(&reply, v6 ? ECHO6_REPLY : ECHO_REPLY, &wanted);
	instance_receive(&env.instance, env.rig.front, &packet, &verdict);
	expect(&verdict, XDP_TX, LB_ECHO_ANSWERED, &wanted, "%s, all zeros: answered",
	       v6 ? "IPv6" : "IPv4");
}

static void others_pass(bool v6)
{
	struct frame frame = request(v6);
	__u8 echo = v6 ? ECHO6 : ECHO;

	passes(&frame, v6 ? ECHO6_REPLY : ECHO_REPLY, 0, LB_NOT_TCP_UDP, "an echo reply");
	passes(&frame, v6 ? 135 : 13, 0, LB_NOT_TCP_UDP,
	       v6 ? "a neighbour solicitation" : "a timestamp request");
	passes(&frame, echo, 1, LB_NOT_TCP_UDP, "an echo request with a code");
	passes(&frame, v6 ? ECHO : ECHO6, 0, LB_NOT_TCP_UDP, "the other version's type");
	frame.payload = 7;
	passes(&frame, echo, 0, LB_NOT_TCP_UDP, "cut short");
	frame = request(v6);
	frame.destination.address.s6_addr[15]++;
	passes(&frame, echo, 0, LB_PASSED, "to another address");
	frame = request(v6);
	frame.protocol = v6 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	passes(&frame, echo, 0, LB_NOT_TCP_UDP, "the other version's protocol");
}

static void fragments_pass(void)
{
	struct frame frame = request(false);

	frame.fragment = 0x2000;
	passes(&frame, ECHO, 0, LB_FRAGMENT, "a first fragment");
}

static void options_are_skipped(void)
{
	struct frame frame = request(false);

	frame.option_bytes = 12;
	echo_is_answered(&frame, "with options");
}

/* An address is a service's as long as one of its services is there. */
static void services_added_and_removed(void)
{
	struct frame frame = request(false);

	instance_must_run(&env.instance, "service add more 192.0.2.10:81/tcp");
	echo_is_answered(&frame, "an address of two services");
	instance_must_run(&env.instance, "service del web --force");
	echo_is_answered(&frame, "of the one that is left");
	instance_must_run(&env.instance, "service del more --force");
	passes(&frame, ECHO, 0, LB_PASSED, "of none any more");
}

int main(void)
{
	env_open(&env, "--max-flows 4096");
	env_add_service(&env, "web", 10, false, IPPROTO_TCP, "");
	env_add_service(&env, "web6", 10, true, IPPROTO_UDP, "");
	for (int v6 = 0; v6 < 2; v6++) {
		pings_are_answered(v6);
		zeros_are_answered(v6);
		others_pass(v6);
	}
	fragments_pass();
	options_are_skipped();
	services_added_and_removed();
	return tap_done();
}
