// SPDX-License-Identifier: GPL-2.0-only
/*
 * A packet that ends within its headers, wherever it ends, and headers that
 * contradict themselves: counted as malformed, and left to the kernel untouched.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>

#include "rig/expect.h"
#include "rig/test_env.h"

static struct stage stage;
static unsigned int sent;

static void receive(const struct packet *packet, struct verdict *verdict)
{
	balancer_receive(&stage.balancer, stage.rig.front, packet, verdict);
	sent++;
}

static unsigned int transport_header(const struct frame *frame)
{
	return frame->protocol == IPPROTO_TCP ? 20 : 8;
}

/* BPF_PROG_TEST_RUN takes no packet below an Ethernet header. */
static void every_length(const struct frame *frame, const char *what)
{
	unsigned int complete = packet_transport(frame) + transport_header(frame), wrong = 0;
	struct packet packet;
	struct verdict verdict;

	packet_build(frame, &packet);
	for (packet.length = ETH_HLEN; packet.length < complete; packet.length++) {
		receive(&packet, &verdict);
		if (verdict.action == XDP_PASS && verdict.gained.count[LB_MALFORMED] == 1 &&
		    packet_same(&verdict.packet, &packet))
			continue;
		diag("%s of %u bytes: action %u", what, packet.length, verdict.action);
		wrong++;
	}
	is_int(wrong, 0, "%s cut at every length is malformed and untouched", what);
}

static void every_length_of_all(void)
{
	static const __u8 protocols[] = {IPPROTO_TCP, IPPROTO_UDP};

	for (unsigned int i = 0; i < 8; i++) {
		bool v6 = i & 1, tagged = i & 4;
		struct talk talk = stage_talk(&stage, 10, v6, protocols[i >> 1 & 1], i);
		struct frame frame = talk_request(&talk, TCP_SYN);
		char what[64];

		frame.tags = tagged ? 2 : 0;
		frame.tag_type[0] = ETH_P_8021AD;
		frame.tag_type[1] = ETH_P_8021Q;
		frame.option_bytes = tagged && !v6 ? 8 : 0;
		snprintf(what, sizeof(what), "%s %s%s", v6 ? "IPv6" : "IPv4", i & 2 ? "UDP" : "TCP",
			 tagged ? ", tagged twice" : "");
		every_length(&frame, what);
	}
}

/* One byte of the network or transport header is not as it must be. */
static void wrong_byte(bool v6, bool in_transport, unsigned int offset, __u8 value,
		       const char *what)
{
	struct talk talk = stage_talk(&stage, 10, v6, IPPROTO_TCP, 99);
	struct frame frame = talk_request(&talk, TCP_SYN);
	struct packet packet;
	struct verdict verdict;

	packet_build(&frame, &packet);
	offset += in_transport ? packet_transport(&frame) : packet_network(&frame);
	packet.bytes[offset] = value;
	receive(&packet, &verdict);
	expect(&verdict, XDP_PASS, LB_MALFORMED, &packet, "%s is malformed", what);
}

static void sum_of_outcomes_is_packets(const struct lb_outcomes *before)
{
	struct lb_outcomes after = balancer_outcomes(&stage.balancer);
	unsigned long sum = 0;

	for (unsigned int i = 0; i < LB_OUTCOME_COUNT; i++)
		sum += after.count[i] - before->count[i];
	is_int(sum, sent, "each packet is counted once");
	is_int(after.count[LB_ABORTED], 0, "none aborted");
}

/* Complete in its headers, a packet is balanced however little follows. */
static void headers_alone_suffice(void)
{
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, 1234);
	struct frame frame = talk_request(&talk, TCP_SYN), rewritten;
	struct packet packet, wanted;
	struct verdict verdict;

	frame.payload = 0;
	talk.backend = stage_endpoint(false, 2, 11);
	rewritten = talk_request_sent(&talk, frame);
	packet_build(&frame, &packet);
	packet_build(&rewritten, &wanted);
	receive(&packet, &verdict);
	expect(&verdict, XDP_REDIRECT, LB_FORWARDED, &wanted, "headers alone are balanced");
}

int main(void)
{
	struct lb_outcomes before;

	stage_open(&stage, "--max-flows 4096");
	stage_service(&stage, "tcp4", 10, false, IPPROTO_TCP, "");
	stage_service(&stage, "udp4", 10, false, IPPROTO_UDP, "");
	stage_service(&stage, "tcp6", 10, true, IPPROTO_TCP, "");
	stage_service(&stage, "udp6", 10, true, IPPROTO_UDP, "");
	stage_backend(&stage, "tcp4", false, 2, 11, "");
	before = balancer_outcomes(&stage.balancer);
	every_length_of_all();
	wrong_byte(false, false, 0, 0x65, "IPv4 of version 6");
	wrong_byte(false, false, 0, 0x44, "an IPv4 header of 16 bytes");
	wrong_byte(false, false, 0, 0x4f, "an IPv4 header longer than the packet");
	wrong_byte(true, false, 0, 0x41, "IPv6 of version 4");
	wrong_byte(false, true, 12, 0x40, "a TCP header of 16 bytes");
	sum_of_outcomes_is_packets(&before);
	headers_alone_suffice();
	return tap_done();
}
