// SPDX-License-Identifier: GPL-2.0-only
/*
 * 10,000 idle established flows keep their backends during a flood of 10,000,000 SYNs.
 */
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "core/process.h"
#include "harness/expect.h"
#include "harness/flow_table_dump.h"
#include "harness/replay.h"
#include "harness/test_env.h"

#define IDLE_FLOWS  10000
#define FLOOD_FIRST (1U << 24) /* first client number of the flood, unused by idle flows */
#define FLOOD_SYNS  10000000
#define LEGITIMATE  200

static struct env env;

static size_t flow_table_bytes(void)
{
	return env.instance.control->flow_buckets * sizeof(struct lb_bucket);
}

static struct lb_bucket *copy_flow_table(void)
{
	struct lb_bucket *copy = malloc(flow_table_bytes());

	if (!copy)
		process_bail("out of memory");
	memcpy(copy, env.instance.flows, flow_table_bytes());
	return copy;
}

static bool is_established(const struct lb_flow *flow)
{
	return lb_flow_service(flow->key) && lb_flow_state(flow->data) == LB_FLOW_ESTABLISHED;
}

/* Counts established flows of a copy that are unchanged. Flows never move to another entry. */
static unsigned int count_unchanged(const struct lb_bucket *copy)
{
	unsigned int unchanged = 0;

	for (unsigned int i = 0; i < env.instance.control->flow_buckets; i++)
		for (unsigned int j = 0; j < LB_BUCKET_FLOWS; j++) {
			const struct lb_flow *before = &copy[i].flow[j];
			const struct lb_flow *now = &env.instance.flows[i].flow[j];

			unchanged += is_established(before) && is_established(now) &&
				     before->key == now->key &&
				     lb_flow_backend(before->data) == lb_flow_backend(now->data);
		}
	return unchanged;
}

static void establish(void)
{
	unsigned int established = 0;

	for (__u32 client = 0; client < IDLE_FLOWS; client++) {
		struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, client);

		established += exchange_establish(&exchange);
	}
	is_int(established, IDLE_FLOWS, "%u connections are established", IDLE_FLOWS);
	is_int(flow_dump_count(&env.instance).state[LB_FLOW_ESTABLISHED], IDLE_FLOWS,
	       "%u flows are tracked as established", IDLE_FLOWS);
}

static void flood(void)
{
	struct replay_clients clients = {.first = FLOOD_FIRST, .count = 1U << 30, .shuffled = true};
	struct exchange exchange = env_exchange(&env, 10, false, IPPROTO_TCP, 0);
	struct packet_spec spec = exchange_request(&exchange, TCP_SYN);
	struct replay *replay = replay_open(env.instance.program, &spec, REPLAY_REQUEST);
	struct lb_outcomes before = instance_outcomes(&env.instance), after;

	replay_set_clients(replay, &clients);
	replay_run(replay, env.testnet.front, FLOOD_SYNS);
	replay_close(replay);
	after = instance_outcomes(&env.instance);
	is_int(after.count[LB_FORWARDED] + after.count[LB_UNTRACKED] - before.count[LB_FORWARDED] -
		       before.count[LB_UNTRACKED],
	       FLOOD_SYNS, "%u SYNs are sent to backends", FLOOD_SYNS);
}

static void legitimate_connections_work(void)
{
	unsigned int established = 0;

	for (__u32 i = 0; i < LEGITIMATE; i++) {
		struct exchange exchange =
			env_exchange(&env, 10, false, IPPROTO_TCP, (1U << 20) + i);

		established += exchange_establish(&exchange);
	}
	is_int(established, LEGITIMATE, "new connections succeed with a full flow table");
}

int main(void)
{
	struct lb_bucket *before;

	env_open(&env, "--max-flows 100000");
	env_add_service(&env, "web", 10, false, IPPROTO_TCP, "");
	for (unsigned int host = 11; host <= 13; host++)
		env_add_backend(&env, "web", false, 2, host, "");
	establish();
	before = copy_flow_table();
	is_int(count_unchanged(before), IDLE_FLOWS, "the flow table has all established flows");
	flood();
	is_int(count_unchanged(before), IDLE_FLOWS,
	       "%u of %u flows keep their backend through the flood", IDLE_FLOWS, IDLE_FLOWS);
	legitimate_connections_work();
	is_int(count_unchanged(before), IDLE_FLOWS, "new connections evict no established flow");
	free(before);
	return tap_done();
}
