// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flow counts per backend are exact: whatever begins or ends flows, the count equals the number of
 * the backend's open flows in the flow table.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness/expect.h"
#include "harness/flow_table_dump.h"
#include "harness/test_env.h"

#define BACKENDS 3
#define FLOWS	 1200

static struct env env;
static struct exchange exchanges[FLOWS];
static __u32 client;

/* A service under test: its instance and the ids of its backends. */
struct pool {
	const struct instance *instance;
	__u16 id[BACKENDS];
};

static struct pool pool_of(const struct instance *instance, const char *name, bool v6)
{
	struct pool pool = {.instance = instance};
	__u16 service = instance_service_id(instance, name);

	for (unsigned int i = 0; i < BACKENDS; i++) {
		struct endpoint endpoint = env_backend_endpoint(v6, 2, TESTNET_BACKEND_FIRST + i);

		pool.id[i] = instance_backend_id(instance, service, &endpoint);
	}
	return pool;
}

static void add(const char *name, unsigned int number, bool v6, __u8 protocol, const char *flags)
{
	env_add_service(&env, name, number, v6, protocol, flags);
	for (unsigned int i = 0; i < BACKENDS; i++)
		env_add_backend(&env, name, v6, 2, TESTNET_BACKEND_FIRST + i, "");
}

static __u32 counted(const struct pool *pool, unsigned int backend)
{
	return *(volatile __u32 *)&pool->instance->loads[pool->id[backend]].flows;
}

static __u32 counted_all(const struct pool *pool)
{
	__u32 sum = 0;

	for (unsigned int i = 0; i < BACKENDS; i++)
		sum += counted(pool, i);
	return sum;
}

/* Counts a backend's flows in the flow table that are not closed. */
static unsigned int open_flows(const struct pool *pool, __u16 backend)
{
	unsigned int count = 0;

	for (__u32 i = 0; i < pool->instance->control->flow_buckets; i++)
		for (__u32 j = 0; j < LB_BUCKET_FLOWS; j++) {
			const struct lb_flow *flow = &pool->instance->flows[i].flow[j];

			count += lb_flow_service(flow->key) &&
				 lb_flow_backend(flow->data) == backend &&
				 lb_flow_state(flow->data) != LB_FLOW_CLOSED;
		}
	return count;
}

/* Compares the count of each backend with its flows. */
static void counts_match(const struct pool *pool, const char *when)
{
	bool true_counts = true;

	for (unsigned int i = 0; i < BACKENDS; i++) {
		unsigned int open = open_flows(pool, pool->id[i]);

		if (counted(pool, i) != open)
			diag("backend %u: %u counted, %u there", i, counted(pool, i), open);
		true_counts &= counted(pool, i) == open;
	}
	ok(true_counts, "%s: each backend's count equals its flows", when);
}

/* Also checks the sum of the counts. */
static void counts_are(const struct pool *pool, __u32 wanted, const char *when)
{
	counts_match(pool, when);
	is_int(counted_all(pool), wanted, "the sum of counts is %u", wanted);
}

static unsigned int begin(unsigned int number, bool v6, __u8 protocol)
{
	unsigned int begun = 0;

	for (unsigned int i = 0; i < FLOWS; i++) {
		exchanges[i] = env_exchange(&env, number, v6, protocol, client++);
		begun += exchange_establish(&exchanges[i]);
	}
	return begun;
}

/*
 * Ends flows in four ways: FIN of the client first, FIN of the backend first, RST of the client,
 * RST of the backend.
 */
static void end_some(unsigned int first, unsigned int past)
{
	struct verdict verdict;

	for (unsigned int i = first; i < past; i++) {
		switch (i % 4) {
		case 0:
			exchange_send_request(&exchanges[i], TCP_FIN | TCP_ACK, &verdict);
			exchange_send_reply(&exchanges[i], TCP_FIN | TCP_ACK, &verdict);
			break;
		case 1:
			exchange_send_reply(&exchanges[i], TCP_FIN | TCP_ACK, &verdict);
			exchange_send_request(&exchanges[i], TCP_FIN | TCP_ACK, &verdict);
			break;
		case 2:
			exchange_send_request(&exchanges[i], TCP_RST, &verdict);
			break;
		default:
			exchange_send_reply(&exchanges[i], TCP_RST, &verdict);
		}
		exchange_send_request(&exchanges[i], TCP_ACK, &verdict); /* a late packet */
		exchange_send_request(&exchanges[i], TCP_RST, &verdict);
	}
}

static void flow_life(const char *name, unsigned int number, bool v6)
{
	struct verdict verdict;
	struct pool pool;

	add(name, number, v6, IPPROTO_TCP, "--scheduler p2c");
	pool = pool_of(&env.instance, name, v6);
	is_int(begin(number, v6, IPPROTO_TCP), FLOWS, "%s: flows are established", name);
	counts_are(&pool, FLOWS, "established");
	for (unsigned int i = 0; i < 200; i++)
		exchange_send_request(&exchanges[i], TCP_FIN | TCP_ACK, &verdict);
	counts_are(&pool, FLOWS, "half closed");
	for (unsigned int i = 0; i < 200; i++)
		exchange_send_reply(&exchanges[i], TCP_FIN | TCP_ACK, &verdict);
	counts_are(&pool, FLOWS - 200, "closed");
	end_some(200, 600);
	counts_are(&pool, FLOWS - 600, "closed and reset in every way");
	for (unsigned int i = 0; i < 100; i++)
		exchange_send_request(&exchanges[i], TCP_SYN, &verdict);
	counts_are(&pool, FLOWS - 500, "closed flows that begin again");
	for (unsigned int i = 600; i < 700; i++)
		exchange_send_request(&exchanges[i], TCP_SYN, &verdict);
	counts_are(&pool, FLOWS - 500, "SYNs of established flows");
	instance_must_run(&env.instance, "flow flush --service %s --force", name);
	counts_are(&pool, 0, "flushed");
}

/* wrr does not count flows. Changing to p2c counts all existing ones. */
static void change_counts_existing_flows(void)
{
	struct verdict verdict;
	struct pool pool;

	add("change", 30, false, IPPROTO_TCP, "");
	pool = pool_of(&env.instance, "change", false);
	begin(30, false, IPPROTO_TCP);
	is_int(counted_all(&pool), 0, "with wrr, no flow is counted");
	end_some(0, 100);
	instance_must_run(&env.instance, "service set change --scheduler p2c");
	counts_are(&pool, FLOWS - 100, "changed to p2c");
	end_some(100, 200);
	counts_are(&pool, FLOWS - 200, "ended with p2c");
	instance_must_run(&env.instance, "service set change --scheduler wrr");
	end_some(200, 300);
	counts_are(&pool, FLOWS - 300, "ended after the change back to wrr");
	exchanges[0] = env_exchange(&env, 30, false, IPPROTO_TCP, client++);
	exchange_send_request(&exchanges[0], TCP_SYN, &verdict);
	is_int(counted_all(&pool), FLOWS - 300, "with wrr again, no new flow is counted");
	instance_must_run(&env.instance, "service set change --scheduler lc");
	counts_are(&pool, FLOWS - 299, "changed to lc");
	instance_must_run(&env.instance, "backend weight change 10.2.0.11:8080 7");
	counts_are(&pool, FLOWS - 299, "after a change of weights");
}

/* A flow that moves is counted for its new backend. */
static void maintenance_moves_counts(void)
{
	struct verdict verdict;
	struct pool pool = pool_of(&env.instance, "change", false);
	__u32 before = counted_all(&pool);

	instance_must_run(&env.instance, "backend maint change 10.2.0.11:8080");
	for (unsigned int i = 300; i < FLOWS; i++)
		exchange_send_request(&exchanges[i], TCP_ACK, &verdict);
	counts_are(&pool, before, "all flows moved by maintenance");
	ok(counted(&pool, 0) <= 1, "a backend in maintenance has no flows (%u left)",
	   counted(&pool, 0));
	instance_must_run(&env.instance, "backend del change 10.2.0.12:8080 --force");
	is_int(counted(&pool, 1), 0, "a deleted backend has no flows");
	instance_must_run(&env.instance, "service del change --force");
	is_int(counted_all(&pool), 0, "a deleted service has no flows");
}

static bool await_count(const struct pool *pool, __u32 wanted)
{
	const struct timespec pause = {.tv_nsec = 20000000};

	for (unsigned int i = 0; i < 1500 && counted_all(pool) != wanted; i++)
		nanosleep(&pause, NULL);
	return counted_all(pool) == wanted;
}

/* No packet is sent and nothing is looked up: the sweep alone expires the flows. */
static void idle_flows_expire(const char *name, unsigned int number, bool v6)
{
	struct verdict verdict;
	struct pool pool;

	add(name, number, v6, IPPROTO_TCP, "--scheduler p2c --timeout-new 1s");
	pool = pool_of(&env.instance, name, v6);
	for (unsigned int i = 0; i < 500; i++) {
		exchanges[i] = env_exchange(&env, number, v6, IPPROTO_TCP, client++);
		exchange_establish(&exchanges[i]);
	}
	for (unsigned int i = 500; i < FLOWS; i++) {
		exchanges[i] = env_exchange(&env, number, v6, IPPROTO_TCP, client++);
		exchange_send_request(&exchanges[i], TCP_SYN, &verdict);
	}
	is_int(counted_all(&pool), FLOWS, "%s: half-open flows are counted", name);
	ok(await_count(&pool, 500), "the sweep expires only the half-open flows");
	instance_must_run(&env.instance, "service set %s --timeout-established 1s", name);
	for (unsigned int i = 0; i < 500; i++)
		exchange_send_request(&exchanges[i], TCP_ACK, &verdict);
	ok(await_count(&pool, 0), "the sweep expires idle established flows");
	instance_must_run(&env.instance, "service set %s --timeout-established 10m", name);
	for (unsigned int i = 0; i < 100; i++)
		exchange_send_request(&exchanges[i], TCP_ACK, &verdict);
	is_int(counted_all(&pool), 100, "an expired flow is counted again after a packet");
	is_int(exchange_send_request(&exchanges[0], TCP_ACK, &verdict), 1,
	       "its next packet is forwarded");
}

/* The new program's sweep continues at the old one's position. */
static void upgrade_keeps_sweeping(void)
{
	struct verdict verdict;
	struct pool pool = pool_of(&env.instance, "silent", false);
	__u32 before = counted_all(&pool);

	instance_must_run(&env.instance, "upgrade");
	instance_reopen_program(&env.instance, "front");
	for (unsigned int i = 0; i < 50; i++) {
		struct exchange exchange = env_exchange(&env, 40, false, IPPROTO_TCP, client++);

		exchange_send_request(&exchange, TCP_SYN, &verdict);
	}
	is_int(counted_all(&pool), before + 50, "the upgraded program counts new flows");
	ok(await_count(&pool, before), "the upgraded program sweeps");
}

/* A flow table with 64 entries and many more flows: evicted flows are not counted. */
static void evicted_is_not_counted(void)
{
	struct env small = {.testnet = env.testnet};
	struct verdict verdict;
	struct pool pool;

	instance_must_run(&env.instance, "detach --force");
	instance_open(&small.instance, "front back --max-flows 64");
	env_add_service(&small, "tiny", 50, false, IPPROTO_TCP, "--scheduler p2c");
	for (unsigned int i = 0; i < BACKENDS; i++)
		env_add_backend(&small, "tiny", false, 2, TESTNET_BACKEND_FIRST + i, "");
	pool = pool_of(&small.instance, "tiny", false);
	for (unsigned int i = 0; i < 3000; i++) {
		struct exchange exchange = env_exchange(&small, 50, false, IPPROTO_TCP, client++);

		exchange_send_request(&exchange, TCP_SYN, &verdict);
		if (i % 8 == 0)
			exchange_send_reply(&exchange, TCP_SYN | TCP_ACK, &verdict);
		if (i % 16 == 0)
			exchange_send_request(&exchange, TCP_ACK, &verdict);
	}
	counts_match(&pool, "3000 flows in 64 entries");
	/* On a slow machine the sweep may have expired idle flows. */
	ok(counted_all(&pool) <= 64 && counted_all(&pool) > 32, "the sum of counts is at most 64");
	instance_close(&small.instance);
}

int main(void)
{
	env_open(&env, "--max-flows 65536");
	flow_life("web", 10, false);
	flow_life("web6", 11, true);
	change_counts_existing_flows();
	maintenance_moves_counts();
	idle_flows_expire("silent", 40, false);
	idle_flows_expire("silent6", 41, true);
	upgrade_keeps_sweeping();
	evicted_is_not_counted();
	return tap_done();
}
