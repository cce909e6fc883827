// SPDX-License-Identifier: GPL-2.0-only
/*
 * What passes between clients and a backend is counted to the byte: of IP
 * packets, so that neither tags nor padding count.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>

#include "rig/expect.h"
#include "rig/test_env.h"

static struct stage stage;

static void traffic_is(const struct talk *talk, const char *service,
		       const struct lb_traffic *wanted)
{
	__u16 id = balancer_backend(&stage.balancer, balancer_service(&stage.balancer, service),
				    &talk->backend);
	struct lb_traffic got = balancer_traffic(&stage.balancer, id);

	is_int(got.packets, wanted->packets, "%s: packets", service);
	is_int(got.bytes, wanted->bytes, "%s: bytes", service);
	is_int(got.new_flows, wanted->new_flows, "%s: new flows", service);
	is_int(got.reply_packets, wanted->reply_packets, "%s: packets of replies", service);
	is_int(got.reply_bytes, wanted->reply_bytes, "%s: bytes of replies", service);
}

/* 3 packets of each of 5 clients and 2 answers, of 0 to 100 bytes and under tags. */
static void counts(const char *service, bool v6, __u8 protocol)
{
	unsigned int headers = (v6 ? 40 : 20) + (protocol == IPPROTO_TCP ? 20 : 8);
	struct lb_traffic wanted = {0};
	struct talk talk;

	for (unsigned int i = 0; i < 25; i++) {
		bool answer = i % 5 > 2;
		struct frame frame;
		struct packet packet;
		struct verdict verdict;

		talk = stage_talk(&stage, 10, v6, protocol, i / 5);
		talk.backend = stage_endpoint(v6, 2, 11);
		frame = answer ? talk_reply(&talk, TCP_ACK) : talk_request(&talk, TCP_ACK);
		frame.payload = 4 * i;
		frame.tags = i % 3;
		frame.tag_type[0] = frame.tag_type[1] = ETH_P_8021Q;
		packet_build(&frame, &packet);
		memset(packet.bytes + packet.length, 0, 6);
		packet.length += 6; /* Ethernet padding */
		balancer_receive(&stage.balancer, answer ? stage.rig.back : stage.rig.front,
				 &packet, &verdict);
		*(answer ? &wanted.reply_packets : &wanted.packets) += 1;
		*(answer ? &wanted.reply_bytes : &wanted.bytes) += headers + frame.payload;
	}
	wanted.new_flows = 5;
	traffic_is(&talk, service, &wanted);
}

/* What is not sent to a backend is not counted as its traffic. */
static void dropped_is_not_counted(void)
{
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, 1000);
	struct frame frame = talk_request(&talk, TCP_SYN);
	struct endpoint backend = stage_endpoint(false, 2, 11);
	__u16 id = balancer_backend(&stage.balancer, balancer_service(&stage.balancer, "tcp"),
				    &backend);
	struct lb_traffic before = balancer_traffic(&stage.balancer, id), after;
	struct packet packet;
	struct verdict verdict;

	frame.hops = 1;
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	after = balancer_traffic(&stage.balancer, id);
	ok(memcmp(&before, &after, sizeof(after)) == 0, "a packet that is dropped is not counted");
}

int main(void)
{
	static const struct {
		const char *name;
		bool v6;
		__u8 protocol;
	} services[] = {{"tcp", false, IPPROTO_TCP},
			{"udp", false, IPPROTO_UDP},
			{"tcp6", true, IPPROTO_TCP},
			{"udp6", true, IPPROTO_UDP}};

	stage_open(&stage, "--max-flows 4096");
	for (unsigned int i = 0; i < 4; i++) {
		stage_service(&stage, services[i].name, 10, services[i].v6, services[i].protocol,
			      "");
		stage_backend(&stage, services[i].name, services[i].v6, 2, 11, "");
		counts(services[i].name, services[i].v6, services[i].protocol);
	}
	dropped_is_not_counted();
	return tap_done();
}
