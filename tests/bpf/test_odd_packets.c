// SPDX-License-Identifier: GPL-2.0-only
/*
 * Odd packets, by every way of forwarding: each has an outcome of its own, and leaves
 * changed in nothing but what that way changes.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "oracle/forward_cases.h"
#include "rig/expect.h"
#include "rig/process.h"

static struct stage stage;
static __u32 next_client;

static struct frame request(const struct carriage *carriage, __u8 protocol, __u8 flags)
{
	struct talk talk = carriage_talk(&stage, carriage, protocol, next_client++);

	return talk_request(&talk, flags);
}

/* What a case does to a packet that was built from its frame. */
typedef void change_fn(const struct frame *frame, struct packet *packet);

static void nothing(const struct frame *frame, struct packet *packet)
{
	(void)frame, (void)packet;
}

static void set_length(const struct frame *frame, struct packet *packet, __u16 bytes)
{
	unsigned char *ip = packet->bytes + packet_network(frame);
	__u32 sum;

	if (endpoint_is_v6(&frame->source)) {
		ip[4] = bytes >> 8;
		ip[5] = bytes;
		return;
	}
	sum = (ip[10] << 8 | ip[11]) + (ip[2] << 8 | ip[3]) + (__u16)~bytes;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip[2] = bytes >> 8;
	ip[3] = bytes;
	ip[10] = sum >> 8;
	ip[11] = sum;
}

static void too_short(const struct frame *frame, struct packet *packet)
{
	set_length(frame, packet, 8);
}

static void too_long(const struct frame *frame, struct packet *packet)
{
	set_length(frame, packet, 1400);
}

/* The frame is as short as Ethernet allows no less. */
static void padded(const struct frame *frame, struct packet *packet)
{
	(void)frame;
	memset(packet->bytes + packet->length, 0, 20);
	packet->length += 20;
}

static void arrives(const struct carriage *carriage, const struct frame *frame, change_fn *change,
		    bool sum_is_told, const char *what)
{
	struct frame sent = carriage_sent(carriage, *frame);
	struct packet packet, wanted;
	struct verdict verdict;

	packet_build(frame, &packet);
	packet_build(&sent, &wanted);
	change(frame, &packet);
	change(&sent, &wanted);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	carriage_wrap(carriage, &sent, sum_is_told, &verdict.packet, &wanted);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted, "%s: %s", carriage->name, what);
}

static void headers(const struct carriage *carriage, __u8 protocol)
{
	struct frame frame = request(carriage, protocol, TCP_SYN);

	arrives(carriage, &frame, nothing, true, "plain");
	frame.payload = 0;
	arrives(carriage, &frame, nothing, true, "without payload");
	frame = request(carriage, protocol, TCP_SYN);
	for (frame.tags = 1; frame.tags <= 2; frame.tags++) {
		frame.tag_type[0] = frame.tags == 2 ? ETH_P_8021AD : ETH_P_8021Q;
		frame.tag_type[1] = ETH_P_8021Q;
		frame.tag[0] = 0x2064;
		frame.tag[1] = 7;
		arrives(carriage, &frame, nothing, true, frame.tags == 2 ? "two tags" : "a tag");
	}
	frame = request(carriage, protocol, TCP_SYN);
	frame.hops = 2;
	arrives(carriage, &frame, nothing, true, "two hops left");
	frame = request(carriage, protocol, TCP_SYN);
	frame.payload = 0;
	arrives(carriage, &frame, padded, true, "padding behind it");
	if (carriage->v6)
		return;
	for (frame.option_bytes = 4; frame.option_bytes <= 40; frame.option_bytes += 12)
		arrives(carriage, &frame, nothing, true, "options");
	frame = request(carriage, protocol, TCP_SYN);
	frame.fragment = 0x4000;
	arrives(carriage, &frame, nothing, true, "not to be fragmented");
}

/* Only receivers can tell that a length is wrong: what is there is sent. */
static void lengths(const struct carriage *carriage)
{
	struct frame frame = request(carriage, IPPROTO_TCP, TCP_SYN);

	if (!strcmp(carriage->name, "gue6"))
		return; /* the outer checksum would be of what is not there */
	arrives(carriage, &frame, too_short, false, "a length shorter than the headers");
	arrives(carriage, &frame, too_long, false, "a length longer than the packet");
}

static void unchecked(const struct carriage *carriage)
{
	struct frame frame = request(carriage, IPPROTO_UDP, 0);

	frame.unchecked = true;
	arrives(carriage, &frame, nothing, false, "UDP without a checksum");
}

/* What is translated or put into a tunnel is routed; what is handed over is not. */
static void last_hop(const struct carriage *carriage)
{
	struct frame frame = request(carriage, IPPROTO_UDP, 0);
	struct packet packet;
	struct verdict verdict;

	frame.hops = 1;
	if (!carriage_is_nat(carriage) && !carriage_is_tunnel(carriage)) {
		arrives(carriage, &frame, nothing, true, "on its last hop");
		return;
	}
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	expect(&verdict, XDP_DROP, LB_TTL_EXPIRED, &packet, "%s: on its last hop, dropped",
	       carriage->name);
}

/* TCP fast open: the SYN has data, and when it is repeated it has them again. */
static void data_in_the_syn(const struct carriage *carriage)
{
	struct frame frame = request(carriage, IPPROTO_TCP, TCP_SYN);
	struct talk talk = carriage_talk(&stage, carriage, IPPROTO_TCP, 0);
	char name[32];
	__u16 backend;
	__u64 before;

	snprintf(name, sizeof(name), "%s-tcp", carriage->name);
	backend = balancer_backend(&stage.balancer, balancer_service(&stage.balancer, name),
				   &talk.backend);
	before = balancer_traffic(&stage.balancer, backend).new_flows;
	frame.payload = 1000;
	arrives(carriage, &frame, nothing, true, "a SYN with data");
	arrives(carriage, &frame, nothing, true, "the same SYN again");
	frame.payload = 0;
	arrives(carriage, &frame, nothing, true, "and again without data");
	is_int(balancer_traffic(&stage.balancer, backend).new_flows - before, 1, "%s: are one flow",
	       carriage->name);
}

static void every_length(const struct carriage *carriage, __u8 protocol)
{
	struct frame frame = request(carriage, protocol, TCP_SYN);
	unsigned int least = packet_transport(&frame) + (protocol == IPPROTO_TCP ? 20 : 8);
	unsigned int wrong = 0;
	struct packet packet;
	struct verdict verdict;

	packet_build(&frame, &packet);
	for (packet.length = ETH_HLEN; packet.length < least; packet.length++) {
		balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
		wrong += verdict.action != XDP_PASS || verdict.gained.count[LB_MALFORMED] != 1 ||
			 !packet_same(&verdict.packet, &packet);
	}
	is_int(wrong, 0, "%s: cut at every length, %s is malformed and untouched", carriage->name,
	       protocol == IPPROTO_TCP ? "TCP" : "UDP");
}

/* A header length below 20 bytes, and one beyond the packet's end. */
static void header_lengths(const struct carriage *carriage)
{
	struct frame frame = request(carriage, IPPROTO_UDP, 0);
	unsigned int wrong = 0;
	struct packet packet;
	struct verdict verdict;

	frame.payload = 0;
	for (unsigned int words = 0; words <= 15; words++) {
		if (words == 5)
			continue;
		packet_build(&frame, &packet);
		packet.bytes[packet_network(&frame)] = 0x40 | words;
		balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
		wrong += verdict.action != XDP_PASS || verdict.gained.count[LB_MALFORMED] != 1 ||
			 !packet_same(&verdict.packet, &packet);
	}
	is_int(wrong, 0, "%s: every wrong header length is malformed", carriage->name);
}

/* More than one buffer of the driver's. */
static void jumbo(const struct carriage *carriage)
{
	static const __u16 bytes[] = {3000, 4100, 8800};
	char what[32];

	for (unsigned int i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		struct frame frame = request(carriage, IPPROTO_TCP, TCP_SYN);

		frame.payload = bytes[i];
		snprintf(what, sizeof(what), "%u bytes", bytes[i]);
		arrives(carriage, &frame, nothing, true, what);
	}
}

int main(void)
{
	rig_open(&stage.rig);
	process_must("ip link set front mtu 9200", NULL);
	process_must("ip link set back mtu 9200", NULL);
	balancer_open(&stage.balancer, "front back --max-flows 4096");
	carriage_open_all(&stage);
	for (unsigned int i = 0; i < CARRIAGES; i++) {
		const struct carriage *carriage = &carriages[i];

		headers(carriage, IPPROTO_TCP);
		headers(carriage, IPPROTO_UDP);
		lengths(carriage);
		unchecked(carriage);
		last_hop(carriage);
		data_in_the_syn(carriage);
		every_length(carriage, IPPROTO_TCP);
		every_length(carriage, IPPROTO_UDP);
		if (!carriage->v6)
			header_lengths(carriage);
		jumbo(carriage);
	}
	return tap_done();
}
