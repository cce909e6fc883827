// SPDX-License-Identifier: GPL-2.0-only
/* How flows begin is counted of every backend that has a check, and nothing else is. */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "rig/expect.h"
#include "rig/single_backend.h"

static struct stage stage;

/* The backend's, if it comes by here. */
static void answer(struct pool *pool, __u8 flags)
{
	if (!pool->is_one_way)
		pool_reply(pool, flags, 0);
}

static enum lb_flow_state state_of(const struct pool *pool)
{
	struct lb_flow flow = {0};

	talk_flow(&pool->talk, pool->service, &flow);
	return lb_flow_state(flow.data);
}

/* Of three connections one is answered; one is refused, where refusals can be seen. */
static void is_counted(struct pool *pool)
{
	const struct lb_latency *latency = &stage.balancer.responses[pool->backend];
	struct lb_latency wanted = {.begun = 3, .answered = 1, .refused = !pool->is_one_way};

	pool_begin(pool);
	pool_begin(pool);
	answer(pool, TCP_RST | TCP_ACK);
	pool_begin(pool);
	answer(pool, TCP_SYN | TCP_ACK);
	pool_ask(pool, TCP_ACK, 0);
	pool_ask(pool, TCP_ACK, 0);
	answer(pool, TCP_ACK);
	if (strncmp(pool->what, "snat", 4)) /* whose flows are elsewhere */
		is_int(state_of(pool), LB_FLOW_ESTABLISHED, "a flow goes straight");
	answer(pool, TCP_RST);
	pool_ask(pool, TCP_FIN | TCP_ACK, 0);
	is_int(latency->begun, wanted.begun, "%s: those that begin are counted,", pool->what);
	is_int(latency->answered, wanted.answered, "those that are answered,");
	is_int(latency->refused, wanted.refused, "those that are refused,");
	ok(!memcmp(latency, &wanted, sizeof(wanted)), "and nothing else");
	balancer_do(&stage.balancer, "service set %s --check none", pool->name);
	pool_begin(pool);
	answer(pool, TCP_RST | TCP_ACK);
	ok(!memcmp(latency, &wanted, sizeof(wanted)), "without a check nothing is");
}

static void datagrams(const char *forward, __u32 wanted)
{
	const struct lb_latency *latency;
	struct pool pool;

	pool_open(&pool, &stage, forward, false, IPPROTO_UDP, "--check ping");
	latency = &stage.balancer.responses[pool.backend];
	pool_begin(&pool);
	pool_begin(&pool);
	answer(&pool, 0);
	answer(&pool, 0);
	ok(latency->begun == 2 * wanted && latency->answered == wanted,
	   "%s, UDP: %u of %u are answered", forward, wanted, 2 * wanted);
}

int main(void)
{
	static const char *const forwards[] = {"nat", "snat", "dsr", "ipip"};
	struct pool pool;

	stage_open(&stage, "--max-flows 65536");
	for (unsigned int i = 0; i < 8; i++) {
		pool_open(&pool, &stage, forwards[i / 2], i % 2, IPPROTO_TCP, "--check tcp");
		is_counted(&pool);
	}
	datagrams("nat", 1);
	datagrams("snat", 1);
	datagrams("dsr", 0);
	return tap_done();
}
