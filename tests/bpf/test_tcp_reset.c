// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections whose backend is out of service are reset, where that is wanted: the client
 * gets a packet of nothing but headers, right to the byte, and the flow is forgotten.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <string.h>

#include "packets/checksum.h"
#include "rig/expect.h"
#include "rig/flow_table_dump.h"
#include "rig/pins.h"
#include "rig/test_env.h"

#define SEQUENCE     0x01020304U /* of every packet that is built */
#define ACKNOWLEDGED 0x0a0b0c0dU

static struct stage stage;
static __u32 client = 1;

static void put16(unsigned char *at, __u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put32(unsigned char *at, __u32 value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* Changes words of a TCP packet, and makes both of its checksums right again. */
static void finish_reset(struct packet *packet, const struct frame *frame, __u32 sequence,
			 __u32 acknowledged)
{
	unsigned char *network = packet->bytes + packet_network(frame);
	unsigned char *tcp = packet->bytes + packet_transport(frame);
	bool v6 = endpoint_is_v6(&frame->source);
	__u32 sum = IPPROTO_TCP + 20;

	put32(tcp + 4, sequence);
	put32(tcp + 8, acknowledged);
	put16(tcp + 14, 0);
	put16(tcp + 16, 0);
	if (v6) {
		put32(network, 0x60000000);
	} else {
		network[1] = 0;
		put16(network + 4, 0);
		put16(network + 6, 0x4000);
		put16(network + 10, 0);
		put16(network + 10, checksum_field(checksum_add(0, network, 20)));
	}
	sum = checksum_add(sum, network + (v6 ? 8 : 12), v6 ? 32 : 8);
	put16(tcp + 16, checksum_field(checksum_add(sum, tcp, 20)));
}

/* The reset that answers a request. */
static void build_reset(struct frame frame, struct packet *packet)
{
	struct endpoint source = frame.source;
	unsigned char to[6];
	__u32 taken = frame.payload + !!(frame.flags & TCP_FIN);
	bool acknowledges = frame.flags & TCP_ACK;

	memcpy(to, frame.to, sizeof(to));
	memcpy(frame.to, frame.from, sizeof(to));
	memcpy(frame.from, to, sizeof(to));
	frame.source = frame.destination;
	frame.destination = source;
	frame.flags = acknowledges ? TCP_RST : TCP_RST | TCP_ACK;
	frame.hops = 64;
	frame.option_bytes = 0;
	frame.payload = 0;
	packet_build(&frame, packet);
	finish_reset(packet, &frame, acknowledges ? ACKNOWLEDGED : 0,
		     acknowledges ? 0 : SEQUENCE + taken);
}

/* What an old flow's packet gets; `shape` tells how it differs from any other. */
static void is_reset(unsigned int number, bool v6, const struct frame *shape, const char *what)
{
	struct talk talk = stage_talk(&stage, number, v6, IPPROTO_TCP, client++);
	char name[16] = "web4", backend[64];
	struct frame frame;
	struct packet packet, wanted;
	struct verdict verdict;
	struct lb_flow flow;
	__u16 service;

	if (v6)
		strcpy(name, "web6");
	service = balancer_service(&stage.balancer, name);
	ok(talk_establish(&talk) && talk_flow(&talk, service, &flow),
	   "a connection is established");
	strcpy(backend, endpoint_text(&talk.backend));
	balancer_do(&stage.balancer, "backend maint %s %s --reset", name, backend);
	frame = talk_request(&talk, shape->flags);
	frame.payload = shape->payload;
	frame.option_bytes = shape->option_bytes;
	frame.hops = shape->hops;
	frame.tags = shape->tags;
	frame.tag_type[0] = 0x88a8;
	frame.tag_type[1] = 0x8100;
	frame.tag[0] = 0x2007;
	frame.tag[1] = 0x0123;
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	build_reset(frame, &wanted);
	expect(&verdict, XDP_TX, LB_RESET, &wanted, "IPv%u: %s", v6 ? 6 : 4, what);
	is_int(talk_flow(&talk, service, &flow), 0, "and its flow is forgotten");
	balancer_do(&stage.balancer, "backend ready %s %s", name, backend);
}

static void all_shapes(unsigned int number, bool v6)
{
	const struct frame data = {.flags = TCP_ACK, .payload = 400, .hops = 64};
	const struct frame bare = {.flags = TCP_ACK, .hops = 64};
	const struct frame end = {.flags = TCP_ACK | TCP_FIN, .payload = 5, .hops = 64};
	const struct frame odd = {.flags = TCP_FIN, .payload = 7, .hops = 1};
	const struct frame tagged = {.flags = TCP_ACK, .payload = 33, .hops = 64, .tags = 1};
	const struct frame twice = {.flags = TCP_ACK, .payload = 33, .hops = 64, .tags = 2};
	const struct frame options = {
		.flags = TCP_ACK, .payload = 9, .hops = 64, .option_bytes = v6 ? 0 : 12};

	is_reset(number, v6, &data, "data is answered by a reset");
	is_reset(number, v6, &bare, "so is a bare acknowledgment");
	is_reset(number, v6, &end, "so is an end");
	is_reset(number, v6, &odd, "what acknowledges nothing has its length acknowledged");
	is_reset(number, v6, &tagged, "a tag is kept");
	is_reset(number, v6, &twice, "so are two");
	is_reset(number, v6, &options, "options are not");
}

/* Who may begin anew, or has ended it himself, is not reset. */
static void is_not_reset(__u8 flags, const char *what)
{
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, client++);
	struct verdict verdict;
	struct endpoint first;

	talk_establish(&talk);
	first = talk.backend;
	balancer_do(&stage.balancer, "backend maint web4 %s --reset", endpoint_text(&first));
	ok(talk_ask(&talk, flags, &verdict) && !endpoint_same(&first, &talk.backend), "%s", what);
	balancer_do(&stage.balancer, "backend ready web4 %s", endpoint_text(&first));
}

static void udp_is_chosen_anew(void)
{
	struct talk talk = stage_talk(&stage, 12, false, IPPROTO_UDP, client++);
	struct verdict verdict;
	struct endpoint first;

	ok(talk_ask(&talk, 0, &verdict), "a UDP flow");
	first = talk.backend;
	balancer_do(&stage.balancer, "backend maint udp %s --reset", endpoint_text(&first));
	ok(talk_ask(&talk, 0, &verdict) && verdict.gained.count[LB_FORWARDED] == 1 &&
		   !endpoint_same(&first, &talk.backend),
	   "is chosen anew");
}

/* What checks would say: in both snapshots of the configuration. */
static void say_health(__u16 id, enum lb_health health)
{
	struct lb_backend_config *config = pins_writable(stage.balancer.instance, "backend_config");

	config[id].health = health;
	config[stage.balancer.control->max_backends + id].health = health;
}

static void of_the_dead(const char *setting, bool resets)
{
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, client++);
	__u16 service = balancer_service(&stage.balancer, "web4");
	struct verdict verdict;
	struct lb_flow flow;
	__u16 backend;

	talk_establish(&talk);
	backend = balancer_backend(&stage.balancer, service, &talk.backend);
	say_health(backend, LB_HEALTH_DOWN);
	balancer_do(&stage.balancer,
		    "service set web4 --check tcp --reset-dead %s --timeout-new %us", setting,
		    10 + client);
	talk_ask(&talk, TCP_ACK, &verdict);
	is_int(verdict.gained.count[LB_RESET], resets, "--reset-dead %s, its backend is down: %s",
	       setting, resets ? "reset" : "not reset");
	is_int(talk_flow(&talk, service, &flow), !resets, "and %s",
	       resets ? "forgotten" : "it stays where it is");
	say_health(backend, LB_HEALTH_UP);
	balancer_do(&stage.balancer, "service set web4 --timeout-new %us", 100 + client);
}

/* Without --reset, and as soon as it is not said again, flows are given to others. */
static void only_as_told(void)
{
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, client++);
	struct verdict verdict;
	struct endpoint first;

	talk_establish(&talk);
	first = talk.backend;
	balancer_do(&stage.balancer, "backend maint web4 %s --reset", endpoint_text(&first));
	balancer_do(&stage.balancer, "backend maint web4 %s", endpoint_text(&first));
	ok(talk_ask(&talk, TCP_ACK, &verdict) && !endpoint_same(&first, &talk.backend),
	   "maint without --reset gives flows to others");
	balancer_do(&stage.balancer, "backend ready web4 %s", endpoint_text(&first));
}

int main(void)
{
	stage_open(&stage, "--max-flows 65536");
	stage_service(&stage, "web4", 10, false, IPPROTO_TCP, "--scheduler rr");
	stage_service(&stage, "web6", 11, true, IPPROTO_TCP, "--scheduler rr");
	stage_service(&stage, "udp", 12, false, IPPROTO_UDP, "--scheduler rr");
	for (unsigned int host = 11; host <= 12; host++) {
		stage_backend(&stage, "web4", false, 2, host, "");
		stage_backend(&stage, "web6", true, 2, host, "");
		stage_backend(&stage, "udp", false, 2, host, "");
	}
	all_shapes(10, false);
	all_shapes(11, true);
	is_not_reset(TCP_SYN, "a connection that begins is given to another");
	is_not_reset(TCP_RST, "a reset is not answered by one");
	udp_is_chosen_anew();
	of_the_dead("off", false);
	of_the_dead("on", true);
	only_as_told();
	return tap_done();
}
