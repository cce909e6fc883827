// SPDX-License-Identifier: GPL-2.0-only
/*
 * 10,000 idle established flows keep their backend through 10,000,000 SYNs.
 */
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "rig/expect.h"
#include "rig/flow_table_dump.h"
#include "rig/process.h"
#include "rig/replay.h"
#include "rig/test_env.h"

#define IDLE_FLOWS  10000
#define FLOOD_FIRST (1U << 24) /* a client number that no idle flow has */
#define FLOOD_SYNS  10000000
#define HONEST	    200

static struct stage stage;

static size_t memory_bytes(void)
{
	return stage.balancer.control->flow_buckets * sizeof(struct lb_bucket);
}

static struct lb_bucket *copy_memory(void)
{
	struct lb_bucket *copy = malloc(memory_bytes());

	if (!copy)
		process_bail("no memory");
	memcpy(copy, stage.balancer.flows, memory_bytes());
	return copy;
}

static bool is_established(const struct lb_flow *flow)
{
	return lb_flow_service(flow->key) && lb_flow_state(flow->data) == LB_FLOW_ESTABLISHED;
}

/* Established flows of a copy that are as they were; flows never change their place. */
static unsigned int count_kept(const struct lb_bucket *copy)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < stage.balancer.control->flow_buckets; i++)
		for (unsigned int j = 0; j < LB_BUCKET_FLOWS; j++) {
			const struct lb_flow *before = &copy[i].flow[j];
			const struct lb_flow *now = &stage.balancer.flows[i].flow[j];

			kept += is_established(before) && is_established(now) &&
				before->key == now->key &&
				lb_flow_backend(before->data) == lb_flow_backend(now->data);
		}
	return kept;
}

static void establish(void)
{
	unsigned int established = 0;

	for (__u32 client = 0; client < IDLE_FLOWS; client++) {
		struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, client);

		established += talk_establish(&talk);
	}
	is_int(established, IDLE_FLOWS, "%u connections are established", IDLE_FLOWS);
	is_int(memory_count(&stage.balancer).state[LB_FLOW_ESTABLISHED], IDLE_FLOWS,
	       "and remembered");
}

static void flood(void)
{
	struct replay_clients clients = {.first = FLOOD_FIRST, .count = 1U << 30, .shuffled = true};
	struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, 0);
	struct frame frame = talk_request(&talk, TCP_SYN);
	struct replay *replay = replay_open(stage.balancer.program, &frame, REPLAY_REQUEST);
	struct lb_outcomes before = balancer_outcomes(&stage.balancer), after;

	replay_aim(replay, &clients);
	replay_run(replay, stage.rig.front, FLOOD_SYNS);
	replay_close(replay);
	after = balancer_outcomes(&stage.balancer);
	is_int(after.count[LB_FORWARDED] + after.count[LB_UNTRACKED] - before.count[LB_FORWARDED] -
		       before.count[LB_UNTRACKED],
	       FLOOD_SYNS, "%u SYNs are sent to backends", FLOOD_SYNS);
}

static void honest_connections_work(void)
{
	unsigned int established = 0;

	for (__u32 i = 0; i < HONEST; i++) {
		struct talk talk = stage_talk(&stage, 10, false, IPPROTO_TCP, (1U << 20) + i);

		established += talk_establish(&talk);
	}
	is_int(established, HONEST, "new connections are established in the full memory");
}

int main(void)
{
	struct lb_bucket *before;

	stage_open(&stage, "--max-flows 100000");
	stage_service(&stage, "web", 10, false, IPPROTO_TCP, "");
	for (unsigned int host = 11; host <= 13; host++)
		stage_backend(&stage, "web", false, 2, host, "");
	establish();
	before = copy_memory();
	is_int(count_kept(before), IDLE_FLOWS, "they stand in the memory");
	flood();
	is_int(count_kept(before), IDLE_FLOWS, "%u of %u keep their backend through them",
	       IDLE_FLOWS, IDLE_FLOWS);
	honest_connections_work();
	is_int(count_kept(before), IDLE_FLOWS, "which pushes nobody out either");
	free(before);
	return tap_done();
}
