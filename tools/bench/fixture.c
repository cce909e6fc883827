// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "fixture.h"
#include "rig/flow_table_dump.h"
#include "rig/process.h"

static const char *const settings[] = {
	[SCENE_WRR] = "--scheduler wrr",
	[SCENE_RR] = "--scheduler rr",
	[SCENE_RANDOM] = "--scheduler random",
	[SCENE_P2C] = "--scheduler p2c",
	[SCENE_LC] = "--scheduler lc",
	[SCENE_LRT] = "--scheduler lrt",
	[SCENE_MAGLEV] = "--scheduler maglev",
	[SCENE_FAR] = "--scheduler wrr",
	[SCENE_IPIP] = "--scheduler wrr --forward ipip",
	[SCENE_IPIP_MAGLEV] = "--scheduler maglev --forward ipip",
	[SCENE_TIMED] = "--scheduler wrr --feedback observe",
};

static bool is_tunnel(enum scene_service service)
{
	return service == SCENE_IPIP || service == SCENE_IPIP_MAGLEV;
}

/* Each service's backends have ports of their own, where they may. */
static unsigned int backend_port(enum scene_service service)
{
	return is_tunnel(service) ? 80 : 8080 + service;
}

static void service_address(bool v6, enum scene_service service, char text[64])
{
	snprintf(text, 64, v6 ? "2001:db8::%x" : "192.0.2.%u", service);
}

static void backend_address(bool v6, enum scene_service service, unsigned int i, char text[64])
{
	snprintf(text, 64, v6 ? "fd0%u::%x" : "10.%u.0.%u", service == SCENE_FAR ? 2 : 1,
		 RIG_BACKEND_FIRST + i);
}

static void add_service(const struct scene *scene, bool v6, enum scene_service service)
{
	const char *form = v6 ? "[%s]:%u" : "%s:%u";
	char name[16], address[64], text[96];

	snprintf(name, sizeof(name), "s%u-%u", service, v6 ? 6 : 4);
	service_address(v6, service, address);
	snprintf(text, sizeof(text), form, address, 80);
	balancer_do(&scene->balancer, "service add %s %s/tcp %s", name, text, settings[service]);
	for (unsigned int i = 0; i < SCENE_BACKENDS; i++) {
		backend_address(v6, service, i, address);
		snprintf(text, sizeof(text), form, address, backend_port(service));
		balancer_do(&scene->balancer, "backend add %s %s --weight %u", name, text, 4 - i);
	}
}

void scene_open(struct scene *scene, unsigned int max_flows)
{
	char flags[64];

	scene->max_flows = max_flows;
	rig_open(&scene->rig);
	snprintf(flags, sizeof(flags), "front back --max-flows %u", max_flows);
	balancer_open(&scene->balancer, flags);
	for (enum scene_service i = SCENE_WRR; i < SCENE_NOBODY; i++) {
		add_service(scene, false, i);
		add_service(scene, true, i);
	}
}

void scene_keep_half_open(const struct scene *scene)
{
	for (enum scene_service i = SCENE_WRR; i < SCENE_NOBODY; i++)
		for (int version = 4; version <= 6; version += 2)
			balancer_do(&scene->balancer, "service set s%u-%u --timeout-new 1h", i,
				    version);
}

struct talk scene_talk(const struct scene *scene, bool v6, enum scene_service service)
{
	struct talk talk = {.rig = &scene->rig,
			    .balancer = &scene->balancer,
			    .protocol = IPPROTO_TCP,
			    .client = talk_client(v6, 0)};
	char text[64];

	service_address(v6, service, text);
	talk.service = endpoint(text, 80);
	backend_address(v6, service, 0, text);
	talk.backend = endpoint(text, backend_port(service));
	return talk;
}

struct replay *scene_requests(const struct scene *scene, bool v6, enum scene_service service,
			      __u8 tcp_flags)
{
	struct talk talk = scene_talk(scene, v6, service);
	struct frame frame = talk_request(&talk, tcp_flags);

	return replay_open(scene->balancer.program, &frame,
			   is_tunnel(service) ? REPLAY_TUNNEL : REPLAY_REQUEST);
}

struct replay *scene_replies(const struct scene *scene, bool v6, enum scene_service service)
{
	struct talk talk = scene_talk(scene, v6, service);
	struct frame frame = talk_reply(&talk, TCP_ACK);

	return replay_open(scene->balancer.program, &frame, REPLAY_REPLY);
}

static void run(const struct scene *scene, const struct frame *frame, enum replay_side side,
		const struct replay_clients *clients)
{
	struct replay *replay = replay_open(scene->balancer.program, frame, side);

	replay_aim(replay, clients);
	replay_run(replay, scene->rig.front, clients->count);
	replay_close(replay);
}

/*
 * Which backend each client was given is not asked: every backend answers every
 * client, and the program takes the answers of those that were spoken to. In tunnels
 * they answer past it.
 */
void scene_establish(const struct scene *scene, bool v6, enum scene_service service,
		     const struct replay_clients *clients)
{
	enum replay_side side = is_tunnel(service) ? REPLAY_TUNNEL : REPLAY_REQUEST;
	struct talk talk = scene_talk(scene, v6, service);
	struct frame frame = talk_request(&talk, TCP_SYN);

	rig_enter(&scene->rig);
	run(scene, &frame, side, clients);
	for (unsigned int i = 0; i < SCENE_BACKENDS && !is_tunnel(service); i++) {
		char text[64];

		backend_address(v6, service, i, text);
		talk.backend = endpoint(text, backend_port(service));
		frame = talk_reply(&talk, TCP_SYN | TCP_ACK);
		run(scene, &frame, REPLAY_REPLY, clients);
	}
	frame = talk_request(&talk, TCP_ACK);
	run(scene, &frame, side, clients);
}

unsigned long scene_fill(const struct scene *scene, enum scene_service service)
{
	struct replay_clients clients = {.count = 1 << 17};
	struct memory_count count = {0};

	for (unsigned int i = 0; i < 64; i++) {
		scene_establish(scene, false, service, &clients);
		clients.first += clients.count;
		count = memory_count(&scene->balancer);
		if (count.state[LB_FLOW_ESTABLISHED] == count.places)
			break;
	}
	return count.state[LB_FLOW_ESTABLISHED];
}
