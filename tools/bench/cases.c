// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "baselines.h"
#include "cases.h"
#include "rig/flow_table_dump.h"

#define MEMORY_DEFAULT	 1048576U
#define MEMORY_SIXTEEN_K 65536U /* four times the flows, as for the million */
#define MEMORY_SIXTY_K	 262144U
#define MEMORY_MILLION	 4194304U
#define MEMORY_ROOMY	 16777216U
#define FLOOD_PACKETS	 16777216U
#define NEW_PACKETS	 32768U /* of one run, where all new flows are to find room */

/* None of those that are timed has been there before. */
static const struct replay_clients endless = {.count = 0, .shuffled = true};
static const struct replay_clients earlier = {.first = 1U << 31, .count = 0, .shuffled = true};

static const struct limit one_flow = {3, 0}, sixteen_k = {1, 0.3}, many = {2, 1.1};
static const struct limit flood = {2, 1.2}, not_ours = {1, 0}, none = {0, 0};

struct plan {
	const struct scene *scene;
	enum scene_service service;
	bool v6;
	__u8 tcp_flags;
	bool replies;
	const struct replay_clients *clients;
	const struct limit *limit; /* asked of IPv4 */
	__u64 outcomes;
};

#define OUTCOME(name) (1ULL << LB_##name)

/* Adds a subject as planned; `name` is what the packets are. */
static struct subject *add(struct subjects *subjects, const char *name, const struct plan *plan)
{
	bool is_tunnel = plan->service == SCENE_IPIP || plan->service == SCENE_IPIP_MAGLEV;
	struct subject *subject = subjects_add(subjects, plan->v6 ? "IPv6" : "IPv4", "%s%s",
					       is_tunnel ? "ipip: " : "", name);

	rig_enter(&plan->scene->rig);
	subject->replay = plan->replies ? scene_replies(plan->scene, plan->v6, plan->service)
					: scene_requests(plan->scene, plan->v6, plan->service,
							 plan->tcp_flags);
	replay_aim(subject->replay, plan->clients);
	subject->base = floors_base(subjects, plan->v6, is_tunnel ? REPLAY_TUNNEL : REPLAY_REQUEST);
	subject->floor = is_tunnel ? subjects->parse_ipip : subjects->parse_nat;
	subject->rig = &plan->scene->rig;
	subject->balancer = &plan->scene->balancer;
	subject->expected = plan->outcomes;
	if (plan->limit && !plan->v6)
		subject->limit = *plan->limit;
	return subject;
}

/* Some of those that are timed are in states of their own. */
static unsigned long count_established(const struct scene *scene)
{
	struct memory_count count = memory_count(&scene->balancer);

	return count.state[LB_FLOW_ESTABLISHED] + count.state[LB_FLOW_LISTENED] +
	       count.state[LB_FLOW_TIMED];
}

/* Established flows: clients shake hands, are counted in the memory, and are visited. */
static void add_established(struct subjects *subjects, const struct scene *scene, bool v6,
			    enum scene_service service, __u32 first, __u32 count,
			    const struct limit *limit)
{
	struct replay_clients clients = {.first = first, .count = count};
	struct plan plan = {scene, service,  v6,    TCP_ACK,
			    false, &clients, limit, OUTCOME(FORWARDED)};
	unsigned long before = count_established(scene), now;
	char name[64];

	scene_establish(scene, v6, service, &clients);
	clients.shuffled = true;
	now = count_established(scene) - before;
	if (now == count || service == SCENE_IPIP_MAGLEV) /* which remembers none */
		snprintf(name, sizeof(name), "%u established flow%s%s", count, count > 1 ? "s" : "",
			 service == SCENE_FAR			     ? ", other device"
			 : service == SCENE_IPIP_MAGLEV		     ? ", maglev"
			 : service == SCENE_TIMED		     ? ", timed"
			 : scene->max_flows / 4 > count && count > 1 ? ", default memory"
								     : "");
	else
		snprintf(name, sizeof(name), "%u established, %lu remembered", count, now);
	add(subjects, name, &plan);
}

static void add_replies(struct subjects *subjects, const struct scene *scene, bool v6)
{
	static const struct replay_clients one = {.first = 0, .count = 1};
	struct plan plan = {scene, SCENE_RR, v6, TCP_ACK, true, &one, &none, OUTCOME(REPLIED)};

	scene_establish(scene, v6, SCENE_RR, &one);
	add(subjects, "replies of 1 established flow", &plan);
}

static void add_few(struct lineup *lineup, bool v6)
{
	struct subjects *subjects = &lineup->subjects;
	const struct scene *scene = &lineup->few;
	struct plan foreign = {scene, SCENE_NOBODY, v6,	       TCP_ACK,
			       false, &endless,	    &not_ours, OUTCOME(PASSED)};

	add_established(subjects, scene, v6, SCENE_WRR, 0, 1, &one_flow);
	add_established(subjects, v6 ? &lineup->sixteen_k6 : &lineup->sixteen_k, v6, SCENE_WRR, 0,
			16384, &sixteen_k);
	add_established(subjects, v6 ? &lineup->sixty_k6 : &lineup->sixty_k, v6, SCENE_WRR, 0,
			65536, &many);
	add_established(subjects, v6 ? &lineup->million6 : &lineup->million, v6, SCENE_WRR, 0,
			1048576, &many);
	add_established(subjects, &lineup->defaults, v6, SCENE_WRR, 0, 16384, &none);
	add_established(subjects, &lineup->defaults, v6, SCENE_WRR, 1 << 20, 65536, &none);
	add(subjects, "not ours", &foreign);
	add_established(subjects, scene, v6, SCENE_FAR, 0, 1, &none);
	add_established(subjects, scene, v6, SCENE_TIMED, 0, 1, &none);
	add_established(subjects, scene, v6, SCENE_TIMED, 1 << 24, 16384, &none);
	add_replies(subjects, scene, v6);
}

static void add_floods(struct lineup *lineup, bool v6)
{
	struct subjects *subjects = &lineup->subjects;
	const __u64 forwarded = OUTCOME(FORWARDED) | OUTCOME(UNREMEMBERED);
	struct plan plan = {&lineup->flooded, SCENE_WRR, v6,	   TCP_SYN, false,
			    &endless,	      &flood,	 forwarded};

	add(subjects, "SYN flood, memory full of it", &plan);
	plan.tcp_flags = TCP_ACK;
	add(subjects, "ACK flood, memory full of it", &plan);
	plan.scene = &lineup->full;
	add(subjects, "ACK flood, memory full of established", &plan);
	plan.tcp_flags = TCP_SYN;
	add(subjects, "SYN flood, memory full of established", &plan);
}

/* The same in tunnels, where more is asked for. */
static void add_tunnels(struct lineup *lineup, bool v6)
{
	static const struct limit one = {2.5, 0}, half_open = {2, 0.5}, hashed = {4, 0};
	const __u64 forwarded = OUTCOME(FORWARDED) | OUTCOME(UNREMEMBERED);
	struct subjects *subjects = &lineup->subjects;
	struct plan plan = {&lineup->flooded, SCENE_IPIP, v6,	    TCP_SYN, false,
			    &endless,	      &half_open, forwarded};

	add_established(subjects, &lineup->few, v6, SCENE_IPIP, 0, 1, &one);
	add_established(subjects, &lineup->carried_sixteen_k[v6], v6, SCENE_IPIP, 0, 16384,
			&sixteen_k);
	add_established(subjects, &lineup->carried_million[v6], v6, SCENE_IPIP, 0, 1048576, &many);
	add_established(subjects, &lineup->few, v6, SCENE_IPIP_MAGLEV, 1 << 23, 65536, &hashed);
	add(subjects, "SYN flood, memory full of it", &plan);
	plan.limit = &flood;
	plan.tcp_flags = TCP_ACK;
	add(subjects, "ACK flood, memory full of it", &plan);
	plan.limit = &hashed;
	plan.tcp_flags = TCP_SYN;
	plan.service = SCENE_IPIP_MAGLEV;
	add(subjects, "SYN flood, maglev", &plan);
}

/* New flows that find room: what a scheduler's choice costs, beside a cold line or two. */
static void add_schedulers(struct lineup *lineup, bool v6)
{
	static const struct {
		enum scene_service service;
		const char *name;
	} schedulers[] = {{SCENE_RR, "new flows, room for all, rr"},
			  {SCENE_WRR, "new flows, room for all, wrr"},
			  {SCENE_RANDOM, "new flows, room for all, random"},
			  {SCENE_P2C, "new flows, room for all, p2c"},
			  {SCENE_LC, "new flows, room for all, lc"},
			  {SCENE_LRT, "new flows, room for all, lrt"},
			  {SCENE_MAGLEV, "new flows, room for all, maglev"}};

	for (unsigned int i = 0; i < sizeof(schedulers) / sizeof(schedulers[0]); i++) {
		struct plan plan = {
			&lineup->roomy, schedulers[i].service, v6, TCP_SYN, false, &endless,
			&none,		OUTCOME(FORWARDED)};

		add(&lineup->subjects, schedulers[i].name, &plan)->packets = NEW_PACKETS;
	}
}

static void flood_once(const struct scene *scene, __u8 tcp_flags)
{
	struct replay *replay = scene_requests(scene, false, SCENE_WRR, tcp_flags);

	rig_enter(&scene->rig);
	replay_aim(replay, &earlier);
	replay_run(replay, scene->rig.front, FLOOD_PACKETS);
	replay_close(replay);
}

static void open_scenes(struct lineup *lineup)
{
	scene_open(&lineup->few, MEMORY_DEFAULT);
	scene_open(&lineup->sixteen_k, MEMORY_SIXTEEN_K);
	scene_open(&lineup->sixteen_k6, MEMORY_SIXTEEN_K);
	scene_open(&lineup->sixty_k, MEMORY_SIXTY_K);
	scene_open(&lineup->sixty_k6, MEMORY_SIXTY_K);
	scene_open(&lineup->million, MEMORY_MILLION);
	scene_open(&lineup->million6, MEMORY_MILLION);
	for (int v6 = 0; v6 < 2; v6++) {
		scene_open(&lineup->carried_sixteen_k[v6], MEMORY_SIXTEEN_K);
		scene_open(&lineup->carried_million[v6], MEMORY_MILLION);
	}
	scene_open(&lineup->defaults, MEMORY_DEFAULT);
	scene_open(&lineup->roomy, MEMORY_ROOMY);
	scene_open(&lineup->flooded, MEMORY_DEFAULT);
	scene_open(&lineup->full, MEMORY_DEFAULT);
	scene_keep_half_open(&lineup->flooded);
	flood_once(&lineup->flooded, TCP_SYN);
	scene_fill(&lineup->full, SCENE_RR);
}

void lineup_prepare(struct lineup *lineup)
{
	open_scenes(lineup);
	floors_add(&lineup->subjects, &lineup->few.rig);
	for (int v6 = 0; v6 < 2; v6++) {
		add_few(lineup, v6);
		add_floods(lineup, v6);
		add_tunnels(lineup, v6);
		add_schedulers(lineup, v6);
	}
}
