// SPDX-License-Identifier: GPL-2.0-only
/* How flows begin is counted of every backend that has a check, and nothing else is. */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "expect.h"
#include "stage.h"

static struct stage stage;
static __u32 client;

/* A service of one backend, and the last connection with it. */
struct pool {
	char what[32], name[16];
	unsigned int number;
	bool v6, is_one_way;
	__u8 protocol;
	__u16 service, backend;
	struct talk talk;
	struct endpoint seen; /* by the backend, as its client */
};

static void open_pool(struct pool *pool, const char *forward, bool v6, __u8 protocol,
		      const char *check)
{
	static unsigned int number = 20;
	struct endpoint endpoint = stage_endpoint(v6, 2, 11);
	const char *source = strcmp(forward, "snat") ? "default" : v6 ? "fd02::1" : "10.2.0.1";
	char flags[96];

	*pool = (struct pool){
		.number = ++number,
		.v6 = v6,
		.protocol = protocol,
		.is_one_way = strcmp(forward, "nat") && strcmp(forward, "snat"),
	};
	snprintf(pool->what, sizeof(pool->what), "%s, IPv%u", forward, v6 ? 6 : 4);
	snprintf(pool->name, sizeof(pool->name), "s%u", number);
	snprintf(flags, sizeof(flags), "--forward %s --source %s --check %s", forward, source,
		 check);
	pool->service = stage_service(&stage, pool->name, number, v6, protocol, flags);
	endpoint.port = pool->is_one_way ? 80 : 8000 + number;
	balancer_do(&stage.balancer, "backend add %s %s", pool->name, endpoint_text(&endpoint));
	pool->backend = balancer_backend(&stage.balancer, pool->service, &endpoint);
}

static void ask(struct pool *pool, __u8 flags)
{
	struct frame frame = talk_request(&pool->talk, flags);
	struct packet packet;
	struct verdict verdict;

	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.front, &packet, &verdict);
	packet_read(&verdict.packet, &pool->seen, &pool->talk.backend);
}

static void begin(struct pool *pool)
{
	pool->talk = stage_talk(&stage, pool->number, pool->v6, pool->protocol, client++);
	ask(pool, pool->protocol == IPPROTO_TCP ? TCP_SYN : 0);
}

/* The backend's, if it comes by here. */
static void answer(struct pool *pool, __u8 flags)
{
	struct frame frame = talk_reply(&pool->talk, flags);
	struct packet packet;
	struct verdict verdict;

	if (pool->is_one_way)
		return;
	frame.destination = pool->seen;
	packet_build(&frame, &packet);
	balancer_receive(&stage.balancer, stage.rig.back, &packet, &verdict);
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

	begin(pool);
	begin(pool);
	answer(pool, TCP_RST | TCP_ACK);
	begin(pool);
	answer(pool, TCP_SYN | TCP_ACK);
	ask(pool, TCP_ACK);
	ask(pool, TCP_ACK);
	answer(pool, TCP_ACK);
	if (strncmp(pool->what, "snat", 4)) /* whose flows are elsewhere */
		is_int(state_of(pool), LB_FLOW_ESTABLISHED, "a flow goes straight");
	answer(pool, TCP_RST);
	ask(pool, TCP_FIN | TCP_ACK);
	is_int(latency->begun, wanted.begun, "%s: those that begin are counted,", pool->what);
	is_int(latency->answered, wanted.answered, "those that are answered,");
	is_int(latency->refused, wanted.refused, "those that are refused,");
	ok(!memcmp(latency, &wanted, sizeof(wanted)), "and nothing else");
	balancer_do(&stage.balancer, "service set %s --check none", pool->name);
	begin(pool);
	answer(pool, TCP_RST | TCP_ACK);
	ok(!memcmp(latency, &wanted, sizeof(wanted)), "without a check nothing is");
}

static void datagrams(const char *forward, __u32 wanted)
{
	const struct lb_latency *latency;
	struct pool pool;

	open_pool(&pool, forward, false, IPPROTO_UDP, "ping");
	latency = &stage.balancer.responses[pool.backend];
	begin(&pool);
	begin(&pool);
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
		open_pool(&pool, forwards[i / 2], i % 2, IPPROTO_TCP, "tcp");
		is_counted(&pool);
	}
	datagrams("nat", 1);
	datagrams("snat", 1);
	datagrams("dsr", 0);
	return tap_done();
}
