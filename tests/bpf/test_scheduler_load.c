// SPDX-License-Identifier: GPL-2.0-only
/*
 * The load-aware schedulers. p2c and lc select the backend with fewer flows per weight. lrt also
 * considers response time. No backend is left out permanently.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/expect.h"
#include "harness/test_env.h"

#define BACKENDS_MAX 16
#define FLOWS	     2000
#define SLOW_NS	     10000000L

static struct env env;
static struct exchange exchanges[FLOWS];
static __u32 client;

/* A service. Its backends differ only in their ports. */
struct pool {
	unsigned int number;
	unsigned int backends;
	unsigned int weight[BACKENDS_MAX];
	unsigned int flows[BACKENDS_MAX]; /* counted by this test */
	__u16 id[BACKENDS_MAX];
};

static void open_pool(struct pool *pool, unsigned int number, const char *scheduler, __u8 protocol)
{
	char name[16], flags[64];
	__u16 service;

	pool->number = number;
	snprintf(name, sizeof(name), "s%u", number);
	snprintf(flags, sizeof(flags), "--scheduler %s", scheduler);
	service = env_add_service(&env, name, number, false, protocol, flags);
	for (unsigned int i = 0; i < pool->backends; i++) {
		struct endpoint endpoint = env_backend_endpoint(false, 2, TESTNET_BACKEND_FIRST);

		endpoint.port = 9000 + i;
		instance_must_run(&env.instance, "backend add %s 10.2.0.11:%u --weight %u", name,
				  9000 + i, pool->weight[i]);
		pool->id[i] = instance_backend_id(&env.instance, service, &endpoint);
	}
}

/* Begins a flow. Returns the index of its backend. */
static unsigned int begin(struct pool *pool, struct exchange *exchange, __u8 protocol)
{
	struct verdict verdict;
	unsigned int slot;

	*exchange = env_exchange(&env, pool->number, false, protocol, client++);
	exchange_send_request(exchange, TCP_SYN, &verdict);
	slot = exchange->backend.port - 9000;
	if (slot >= pool->backends)
		return 0;
	pool->flows[slot]++;
	return slot;
}

static void end(struct pool *pool, struct exchange *exchange)
{
	struct verdict verdict;

	exchange_send_request(exchange, TCP_RST, &verdict);
	pool->flows[exchange->backend.port - 9000]--;
}

/* True if no other backend would have had fewer flows per weight, before this flow. */
static bool was_least_loaded(const struct pool *pool, unsigned int chosen)
{
	for (unsigned int i = 0; i < pool->backends; i++) {
		unsigned int after = pool->flows[i] + (i != chosen);

		if (pool->weight[i] &&
		    after * pool->weight[chosen] < pool->flows[chosen] * pool->weight[i])
			return false;
	}
	return true;
}

/* Every flow goes to a least loaded backend, while flows begin and end. */
static void lc_is_exact(struct pool *pool, unsigned int number)
{
	unsigned int wrong = 0;

	open_pool(pool, number, "lc", IPPROTO_TCP);
	for (unsigned int i = 0; i < 1000; i++) {
		wrong += !was_least_loaded(pool, begin(pool, &exchanges[i], IPPROTO_TCP));
		if (i % 3 == 2)
			end(pool, &exchanges[(i * 7 + 5) % 3 + i - 2]);
	}
	is_int(wrong, 0, "lc, %u backends: 1000 flows go to the least loaded", pool->backends);
}

static void lc_breaks_ties_in_turn(void)
{
	struct pool pool = {.backends = 4, .weight = {1, 1, 1, 1}};
	unsigned int given[4] = {0};

	open_pool(&pool, 12, "lc", IPPROTO_TCP);
	for (unsigned int i = 0; i < 400; i++) {
		given[begin(&pool, &exchanges[i], IPPROTO_TCP)]++;
		end(&pool, &exchanges[i]);
	}
	ok(given[0] && given[1] && given[2] && given[3],
	   "lc: equal backends take turns (%u/%u/%u/%u)", given[0], given[1], given[2], given[3]);
}

/* With more backends than it compares, lc selects the best of four random ones. */
static void lc_with_many_backends(void)
{
	struct pool pool = {.backends = 16};
	unsigned int most = 0, least = FLOWS;

	for (unsigned int i = 0; i < 16; i++)
		pool.weight[i] = 1;
	open_pool(&pool, 13, "lc", IPPROTO_TCP);
	for (unsigned int i = 0; i < 1600; i++)
		begin(&pool, &exchanges[i], IPPROTO_TCP);
	for (unsigned int i = 0; i < 16; i++) {
		most = pool.flows[i] > most ? pool.flows[i] : most;
		least = pool.flows[i] < least ? pool.flows[i] : least;
	}
	ok(most <= 105 && least >= 95, "lc, 16 backends, 1600 flows: %u to %u each", least, most);
}

/*
 * The difference is a random walk that moves back three times as often as out. It exceeds 20 with a
 * probability of 3^-20.
 */
static void p2c_is_even(void)
{
	struct pool pool = {.backends = 2, .weight = {1, 1}};
	unsigned int widest = 0, given = 0;

	open_pool(&pool, 20, "p2c", IPPROTO_TCP);
	for (unsigned int i = 0; i < 1200; i++) {
		unsigned int gap;

		begin(&pool, &exchanges[i], IPPROTO_TCP);
		gap = abs((int)pool.flows[0] - (int)pool.flows[1]);
		widest = gap > widest ? gap : widest;
	}
	ok(widest > 1 && widest <= 20, "p2c: two backends differ by at most %u flows", widest);
	for (unsigned int i = 0; i < 1200; i++)
		if (exchanges[i].backend.port == 9000)
			end(&pool, &exchanges[i]);
	for (unsigned int i = 0; i < 200; i++)
		given += begin(&pool, &exchanges[i], IPPROTO_TCP) == 0;
	ok(given > 110 && given < 200, "a backend without flows gets %u of 200", given);
}

static void p2c_is_weighted(void)
{
	struct pool pool = {.backends = 3, .weight = {6, 3, 0}};

	open_pool(&pool, 21, "p2c", IPPROTO_UDP);
	for (unsigned int i = 0; i < 1500; i++)
		begin(&pool, &exchanges[i], IPPROTO_UDP);
	ok(abs((int)pool.flows[0] - 1000) <= 40 && abs((int)pool.flows[1] - 500) <= 40,
	   "p2c, 6/3/0: the shares are %u/%u/%u of 1500", pool.flows[0], pool.flows[1],
	   pool.flows[2]);
	is_int(pool.flows[2], 0, "p2c: a backend with weight 0 gets no flow");
}

/* One request with its answer, which is delayed on the slow backend. */
static unsigned int serve(struct pool *pool, struct exchange *exchange, unsigned int slow)
{
	const struct timespec pause = {.tv_nsec = SLOW_NS};
	unsigned int slot = begin(pool, exchange, IPPROTO_TCP);
	struct verdict verdict;

	exchange_send_reply(exchange, TCP_SYN | TCP_ACK, &verdict);
	exchange_send_request(exchange, TCP_ACK, &verdict);
	if (slot == slow)
		nanosleep(&pause, NULL);
	exchange_send_reply(exchange, TCP_ACK, &verdict);
	return slot;
}

static const struct lb_load *load_of(const struct pool *pool, unsigned int slot)
{
	return &env.instance.loads[pool->id[slot]];
}

static void lrt_prefers_faster(void)
{
	struct pool pool = {.backends = 2, .weight = {1, 1}};
	unsigned int given[2] = {0};

	open_pool(&pool, 30, "lrt", IPPROTO_TCP);
	for (unsigned int i = 0; i < 400; i++) {
		given[serve(&pool, &exchanges[i], 0)]++;
		end(&pool, &exchanges[i]);
	}
	ok(given[1] > 240, "lrt: the faster backend gets %u of 400 flows", given[1]);
	ok(given[0] > 40, "the slower backend gets %u, to be measured again", given[0]);
	ok(load_of(&pool, 0)->response_us && load_of(&pool, 1)->response_us,
	   "both backends have a response time");
	ok(load_of(&pool, 0)->response_us >= SLOW_NS / 1000,
	   "the slower backend's time is measured (%u us)", load_of(&pool, 0)->response_us);
	ok(load_of(&pool, 1)->response_us < load_of(&pool, 0)->response_us,
	   "the faster backend's time is shorter (%u us)", load_of(&pool, 1)->response_us);
}

/* Without response times, lrt compares flows only, like p2c. */
static void lrt_counts_flows(void)
{
	struct pool pool = {.backends = 2, .weight = {1, 1}};

	open_pool(&pool, 31, "lrt", IPPROTO_TCP);
	for (unsigned int i = 0; i < 300; i++)
		begin(&pool, &exchanges[i], IPPROTO_TCP);
	ok(abs((int)pool.flows[0] - (int)pool.flows[1]) <= 40,
	   "lrt without response times balances flows (%u/%u)", pool.flows[0], pool.flows[1]);
}

/* After the scheduler changes, sampled flows return to the fast path with their next packet. */
static void sampling_ends(void)
{
	struct pool pool = {.backends = 1, .weight = {1}};
	unsigned int sampled = 0, left = 0;
	struct verdict verdict;
	struct lb_flow flow;
	__u16 service;

	open_pool(&pool, 32, "lrt", IPPROTO_TCP);
	service = instance_service_id(&env.instance, "s32");
	for (unsigned int i = 0; i < 320; i++) {
		serve(&pool, &exchanges[i], 1);
		exchange_flow(&exchanges[i], service, &flow);
		sampled += lb_flow_state(flow.data) == LB_FLOW_SAMPLED;
	}
	ok(sampled, "of 320 flows, %u are sampled", sampled);
	instance_must_run(&env.instance, "service set s32 --scheduler wrr");
	for (unsigned int i = 0; i < 320; i++) {
		exchange_send_request(&exchanges[i], TCP_ACK, &verdict);
		exchange_flow(&exchanges[i], service, &flow);
		left += lb_flow_state(flow.data) != LB_FLOW_ESTABLISHED;
	}
	is_int(left, 0, "after the change to wrr, no flow is sampled");
}

int main(void)
{
	struct pool plain = {.backends = 3, .weight = {1, 1, 1}};
	struct pool weighted = {.backends = 8, .weight = {5, 3, 1, 0, 10, 2, 2, 1}};

	env_open(&env, "--max-flows 131072");
	lc_is_exact(&plain, 10);
	lc_is_exact(&weighted, 11);
	lc_breaks_ties_in_turn();
	lc_with_many_backends();
	p2c_is_even();
	p2c_is_weighted();
	lrt_prefers_faster();
	lrt_counts_flows();
	sampling_ends();
	return tap_done();
}
