/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scenes: a balancer in a rig of its own, with the services that the benchmark
 * sends packets to. Each exists in IPv4 and IPv6 and has four backends, which
 * stand on the clients' side, so that packets leave by the device they came by,
 * as those of the floors do; SCENE_FAR's stand behind the other device.
 */
#ifndef BENCH_FIXTURE_H
#define BENCH_FIXTURE_H

#include "rig/exchange.h"
#include "rig/replay.h"

#define SCENE_BACKENDS 4

/* Services, by the last number of their addresses. */
enum scene_service {
	SCENE_WRR = 10,
	SCENE_RR,
	SCENE_RANDOM,
	SCENE_P2C,
	SCENE_LC,
	SCENE_LRT,
	SCENE_MAGLEV,
	SCENE_FAR,
	SCENE_IPIP, /* wrr */
	SCENE_IPIP_MAGLEV,
	SCENE_TIMED, /* wrr, and answers are timed */
	SCENE_NOBODY, /* an address that is no service's */
};

struct scene {
	unsigned int max_flows;
	struct rig rig;
	struct balancer balancer;
};

void scene_open(struct scene *scene, unsigned int max_flows);

/* Half-open flows outlast the run, as in a flood that does not end. */
void scene_keep_half_open(const struct scene *scene);

/* A talk of client 0 with a service. */
struct talk scene_talk(const struct scene *scene, bool v6, enum scene_service service);

/* A replay of requests with these TCP flags to the scene's program. */
struct replay *scene_requests(const struct scene *scene, bool v6, enum scene_service service,
			      __u8 tcp_flags);

/* A replay of replies of the service's first backend. */
struct replay *scene_replies(const struct scene *scene, bool v6, enum scene_service service);

/* Has clients shake hands with a service, through the program, and stay. */
void scene_establish(const struct scene *scene, bool v6, enum scene_service service,
		     const struct replay_clients *clients);

/* As above, until the flow memory is full of established flows; returns how many. */
unsigned long scene_fill(const struct scene *scene, enum scene_service service);

#endif
