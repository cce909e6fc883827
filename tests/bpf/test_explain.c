// SPDX-License-Identifier: GPL-2.0-only
/*
 * `lbctl explain` gives a packet that never was to a twin of the attached program: what it
 * foretells is what then happens to such a packet, by every scheduler and way of forwarding, and
 * no byte of any pinned map changes by it.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "rig/expect.h"
#include "rig/explain_check.h"
#include "rig/test_env.h"

#define BACKENDS 3

static struct stage stage;

/* A service, and what may be foretold of its flows. */
struct scene {
	const char *name;
	unsigned int number;
	bool v6;
	__u8 protocol;
	const char *forward;
	const char *flags;
	bool by_chance; /* whose turn it is cannot be foretold */
};

static const struct scene scenes[] = {
	{"wrr", 10, false, IPPROTO_TCP, "nat", "", false},
	{"rr6", 11, true, IPPROTO_UDP, "nat", "--scheduler rr", false},
	{"lc", 12, false, IPPROTO_UDP, "nat", "--scheduler lc", false},
	{"random", 13, false, IPPROTO_TCP, "nat", "--scheduler random", true},
	{"p2c", 14, false, IPPROTO_TCP, "nat", "--scheduler p2c", true},
	{"lrt6", 15, true, IPPROTO_TCP, "nat", "--scheduler lrt", true},
	{"snat", 16, false, IPPROTO_TCP, "snat", "--source 10.2.0.1/32 --scheduler maglev", false},
	{"snat6", 17, true, IPPROTO_UDP, "snat", "--source fd02::1/128", false},
	{"dsr", 18, false, IPPROTO_TCP, "dsr", "--scheduler source", false},
	{"ipip", 19, false, IPPROTO_TCP, "ipip", "", false},
	{"gue6", 20, true, IPPROTO_TCP, "gue", "--scheduler maglev", false},
	{"stays", 21, false, IPPROTO_TCP, "nat", "--persist source", false},
	{"forgets", 22, false, IPPROTO_UDP, "nat", "--persist none", false},
};

static struct talk talk_of(const struct scene *scene, __u32 client)
{
	return stage_talk(&stage, scene->number, scene->v6, scene->protocol, client);
}

static int explain_talk(const struct talk *talk, const char *what, bool begins)
{
	char client[64];

	snprintf(client, sizeof(client), "%s", endpoint_text(&talk->client));
	return inquire(&stage.balancer, what, "--src %s --dst %s/%s %s --interface front", client,
		       endpoint_text(&talk->service), talk->protocol == IPPROTO_TCP ? "tcp" : "udp",
		       begins && talk->protocol == IPPROTO_TCP ? "--syn" : "");
}

/* A backend; what is not translated keeps its port. */
static struct endpoint backend_of(const struct scene *scene, unsigned int number)
{
	struct endpoint endpoint = stage_endpoint(scene->v6, 2, RIG_BACKEND_FIRST + number);

	if (!strstr(scene->forward, "nat"))
		endpoint.port = 80;
	return endpoint;
}

/* Packets that a backend was given so far, of flows that were there and of new ones. */
static struct lb_traffic traffic_of(const struct scene *scene, unsigned int number)
{
	struct endpoint endpoint = backend_of(scene, number);
	__u16 service = balancer_service(&stage.balancer, scene->name);

	return balancer_traffic(&stage.balancer,
				balancer_backend(&stage.balancer, service, &endpoint));
}

/* Sends the packet that was asked about, and holds what happens against what was foretold. */
static void happens(const struct scene *scene, const struct talk *talk, __u8 flags)
{
	struct lb_traffic before[BACKENDS];
	struct frame frame = talk_request(talk, flags);
	struct packet packet;
	struct verdict verdict;
	bool was_foretold = false, is_new = false;
	char mac[18], *bytes = (char *)verdict.packet.bytes;

	for (unsigned int i = 0; i < BACKENDS; i++)
		before[i] = traffic_of(scene, i);
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	for (unsigned int i = 0; i < BACKENDS; i++) {
		struct lb_traffic after = traffic_of(scene, i);
		struct endpoint endpoint = backend_of(scene, i);

		if (after.packets == before[i].packets)
			continue;
		was_foretold = inquiry_contains(endpoint_text(&endpoint));
		is_new = after.new_flows > before[i].new_flows;
	}
	ok(verdict.action == XDP_REDIRECT && inquiry_says("verdict", "\"redirect\"") &&
		   verdict.gained.count[LB_FORWARDED] == 1 &&
		   inquiry_says("outcome", "\"forwarded\""),
	   "%s: it is forwarded, as was foretold", scene->name);
	ok(is_new == inquiry_says("flow", "\"new\""), "%s: as a new flow or not", scene->name);
	snprintf(mac, sizeof(mac), "%02hhx:%02hhx:%02hhx:%02hhx:%02hhx:%02hhx", bytes[0], bytes[1],
		 bytes[2], bytes[3], bytes[4], bytes[5]);
	if (!scene->by_chance || !is_new)
		ok(was_foretold && inquiry_contains(mac),
		   "%s: to the backend that was foretold, %s", scene->name, mac);
}

static void set(const struct scene *scene)
{
	char flags[160];

	snprintf(flags, sizeof(flags), "--timeout-new 1h --forward %s %s", scene->forward,
		 scene->flags);
	stage_service(&stage, scene->name, scene->number, scene->v6, scene->protocol, flags);
	for (unsigned int i = 0; i < BACKENDS; i++) {
		struct endpoint endpoint = backend_of(scene, i);

		balancer_do(&stage.balancer, "backend add %s %s %s", scene->name,
			    endpoint_text(&endpoint), i ? "" : "--weight 2");
	}
}

/* Flows of hashes that are answered past us need no memory. */
static bool is_remembered(const struct scene *scene)
{
	bool hashes = strstr(scene->flags, "maglev") || strstr(scene->flags, "scheduler source");

	return strcmp(scene->name, "forgets") &&
	       (!hashes || strstr(scene->forward, "nat") || scene->protocol != IPPROTO_TCP);
}

/* A second packet of the client. */
static void follows(const struct scene *scene, const struct talk *talk)
{
	is_int(explain_talk(talk, "the next packet", false), 0, "would arrive");
	inquiry_has_text("forward", scene->forward);
	inquiry_has_text("flow", is_remembered(scene) ? "known" : "none");
	happens(scene, talk, TCP_ACK);
}

static void play(const struct scene *scene)
{
	bool forgets = !strcmp(scene->name, "forgets");
	struct talk talk = talk_of(scene, 7), neighbour = talk;

	set(scene);
	is_int(explain_talk(&talk, scene->name, true), 0, "a first packet would arrive");
	inquiry_has_text("service", scene->name);
	inquiry_has_text("forward", scene->forward);
	inquiry_has_text("flow", forgets ? "none" : "new");
	happens(scene, &talk, TCP_SYN);
	if (scene == scenes || forgets || strcmp(scene->forward, "nat"))
		follows(scene, &talk);
	if (strcmp(scene->name, "stays"))
		return;
	neighbour.client.port++;
	explain_talk(&neighbour, "a client that stays", true);
	inquiry_tells("the client keeps its backend");
	happens(scene, &neighbour, TCP_SYN);
}

int main(void)
{
	stage_open(&stage, "--max-flows 4096 --max-services 40 --max-backends 100");
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		play(&scenes[i]);
	return tap_done();
}
