// SPDX-License-Identifier: GPL-2.0-only
/*
 * A flow table full of established flows: none is evicted. New flows are untracked and are assigned
 * by hash, so that each packet of a flow has the same backend.
 */
#include <linux/bpf.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "core/process.h"
#include "harness/expect.h"
#include "harness/flow_table_dump.h"
#include "harness/test_env.h"

#define NEW_FLOWS  200
#define LEGITIMATE 16 /* few enough for any of the 16 buckets */

static struct env env;
static __u32 client;

static struct exchange next_client(void)
{
	client++;
	return env_exchange(&env, 10, client & 1, IPPROTO_TCP, client);
}

static size_t flow_table_bytes(void)
{
	return env.instance.control->flow_buckets * sizeof(struct lb_bucket);
}

/* Under pressure a new flow looks for a free entry once in 256 packets, in one of 16 buckets. */
static void fill_flow_table(void)
{
	struct flow_dump_count count = flow_dump_count(&env.instance);

	for (unsigned int i = 0; i < 2000 * count.capacity; i++) {
		struct exchange exchange = next_client();

		exchange_establish(&exchange);
		count = flow_dump_count(&env.instance);
		if (count.state[LB_FLOW_ESTABLISHED] == count.capacity)
			break;
	}
	is_int(count.state[LB_FLOW_ESTABLISHED], count.capacity,
	       "established flows fill the flow table");
}

/* Sends a request. Returns 1 if it was counted as untracked. */
static unsigned int send_untracked(struct exchange *exchange, __u8 flags)
{
	struct verdict verdict;

	return exchange_send_request(exchange, flags, &verdict) &&
	       verdict.increments.count[LB_UNTRACKED] == 1;
}

static void untracked_keep_their_backend(void)
{
	struct lb_bucket *before = malloc(flow_table_bytes());
	unsigned int untracked = 0, same = 0, answered = 0, backends = 0;

	memcpy(before, env.instance.flows, flow_table_bytes());
	for (unsigned int i = 0; i < NEW_FLOWS; i++) {
		struct exchange exchange = next_client();
		struct endpoint backend;
		struct verdict verdict;

		untracked += send_untracked(&exchange, TCP_SYN);
		backend = exchange.backend;
		backends |= 1U << (backend.address.s6_addr[15] - TESTNET_BACKEND_FIRST);
		answered += exchange_send_reply(&exchange, TCP_SYN | TCP_ACK, &verdict);
		untracked += send_untracked(&exchange, TCP_ACK);
		same += endpoint_same(&backend, &exchange.backend);
	}
	is_int(untracked, 2 * NEW_FLOWS, "SYN and ACK of new flows are untracked");
	is_int(same, NEW_FLOWS, "SYN and ACK of a flow have the same backend");
	is_int(backends, 7, "untracked flows use all backends");
	is_int(answered, NEW_FLOWS, "replies to untracked flows are translated");
	ok(memcmp(before, env.instance.flows, flow_table_bytes()) == 0,
	   "no established flow is evicted or changed");
	free(before);
}

/* With three backends, a selection by round robin would agree in only one of three cases. */
static void flushed_flows_go_by_hash(void)
{
	struct exchange exchanges[NEW_FLOWS];
	struct verdict verdict;
	unsigned int same = 0;

	instance_must_run(&env.instance, "flow flush --force");
	for (unsigned int i = 0; i < NEW_FLOWS; i++) {
		exchanges[i] = next_client();
		exchange_send_request(&exchanges[i], TCP_ACK, &verdict);
	}
	instance_must_run(&env.instance, "flow flush --force");
	is_int(flow_dump_count(&env.instance).total, 0, "a flush deletes all flows");
	exchange_send_request(&exchanges[0], TCP_ACK, &verdict);
	is_int(flow_dump_count(&env.instance).total, 1, "the next packet adds a flow");
	for (unsigned int i = 0; i < NEW_FLOWS; i++) {
		struct endpoint backend = exchanges[i].backend;

		exchange_send_request(&exchanges[i], TCP_ACK, &verdict);
		same += endpoint_same(&backend, &exchanges[i].backend);
	}
	is_int(same, NEW_FLOWS, "each untracked flow finds its backend again");
}

static void half_open_are_evicted(void)
{
	struct flow_dump_count count;
	unsigned int sent = 0, established = 0;

	instance_must_run(&env.instance, "flow flush --force");
	count = flow_dump_count(&env.instance);
	for (unsigned int i = 0; i < 20 * count.capacity; i++) {
		struct exchange exchange = next_client();
		struct verdict verdict;

		sent += exchange_send_request(&exchange, TCP_SYN, &verdict) &&
			verdict.increments.count[LB_FORWARDED] +
					verdict.increments.count[LB_UNTRACKED] ==
				1;
	}
	is_int(sent, 20 * count.capacity, "half-open flows get a backend even if 20 per entry");
	for (unsigned int i = 0; i < LEGITIMATE; i++) {
		struct exchange exchange = next_client();

		established += exchange_establish(&exchange);
	}
	is_int(established, LEGITIMATE, "new connections are established among them");
}

/*
 * Under pressure flows are untracked: their packets and their replies are assigned by the same
 * hash.
 */
static void untracked_under_pressure(void)
{
	unsigned int by_hash = 0, answered = 0;

	for (unsigned int i = 0; i < 1000; i++) {
		struct exchange exchange = next_client();
		struct verdict verdict;

		if (!exchange_send_request(&exchange, TCP_SYN, &verdict) ||
		    !verdict.increments.count[LB_UNTRACKED])
			continue;
		by_hash++;
		answered += exchange_send_reply(&exchange, TCP_SYN | TCP_ACK, &verdict);
	}
	ok(by_hash > 500, "most new flows are untracked under pressure");
	is_int(answered, by_hash, "every reply to an untracked flow is translated");
	instance_must_run(&env.instance, "flow flush --force");
	for (by_hash = 0; by_hash < 10; by_hash++) {
		struct exchange exchange = next_client();
		struct verdict verdict;

		if (!exchange_send_request(&exchange, TCP_SYN, &verdict) ||
		    !verdict.increments.count[LB_FORWARDED])
			break;
	}
	is_int(flow_dump_count(&env.instance).total, 10,
	       "after a flush, all new flows are tracked");
}

/* Begins flows until one is untracked. Returns false if none was. */
static bool build_pressure(void)
{
	for (unsigned int i = 0; i < 1000; i++) {
		struct exchange exchange = next_client();

		if (send_untracked(&exchange, TCP_SYN))
			return true;
	}
	return false;
}

/*
 * Sends a packet of each tracked flow under pressure. Returns how many reached the flow's backend.
 */
static unsigned int count_forwarded(struct exchange *exchanges, unsigned int count, __u8 flags)
{
	unsigned int forwarded = 0;

	for (unsigned int i = 0; i < count; i++) {
		struct endpoint backend = exchanges[i].backend;
		struct verdict verdict;

		forwarded += build_pressure() &&
			     exchange_send_request(&exchanges[i], flags, &verdict) &&
			     verdict.increments.count[LB_FORWARDED] == 1 &&
			     endpoint_same(&backend, &exchanges[i].backend);
	}
	return forwarded;
}

/* Tracked flows are found although new flows are not looked up. */
static void tracked_are_found_under_pressure(void)
{
	struct exchange exchanges[LEGITIMATE];
	unsigned int established = 0;

	instance_must_run(&env.instance, "flow flush --force");
	for (unsigned int i = 0; i < LEGITIMATE; i++) {
		exchanges[i] = next_client();
		established += exchange_establish(&exchanges[i]);
	}
	is_int(established, LEGITIMATE, "some flows are established before the pressure");
	is_int(count_forwarded(exchanges, LEGITIMATE, TCP_ACK), LEGITIMATE,
	       "tracked flows are found under pressure");
	is_int(count_forwarded(exchanges, LEGITIMATE, TCP_SYN), LEGITIMATE,
	       "a repeated SYN finds its tracked flow");
}

static void pin_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		process_bail("sched_setaffinity");
}

/* One untracked flow must not make tracked flows look up fingerprints for long. */
static void pressure_subsides(void)
{
	struct exchange exchange = next_client();
	int cpu = sched_getcpu();
	unsigned int forwarded = 0;
	struct verdict verdict;

	pin_to_cpu(cpu);
	instance_must_run(&env.instance, "flow flush --force");
	ok(exchange_establish(&exchange) && build_pressure(), "a new flow is untracked");
	ok(instance_has_pressure(&env.instance, cpu), "the CPU looks up fingerprints first");
	for (unsigned int i = 0; i < 100; i++)
		forwarded += exchange_send_request(&exchange, TCP_ACK, &verdict) &&
			     verdict.increments.count[LB_FORWARDED];
	is_int(forwarded, 100, "the packets of a tracked flow are forwarded");
	ok(!instance_has_pressure(&env.instance, cpu),
	   "after 100 packets it does not look them up first");
}

int main(void)
{
	env_open(&env, "--max-flows 128");
	env_add_service(&env, "web", 10, false, IPPROTO_TCP, "");
	env_add_service(&env, "web6", 10, true, IPPROTO_TCP, "");
	for (unsigned int host = 11; host <= 13; host++) {
		env_add_backend(&env, "web", false, 2, host, "");
		env_add_backend(&env, "web6", true, 2, host, "");
	}
	fill_flow_table();
	untracked_keep_their_backend();
	flushed_flows_go_by_hash();
	half_open_are_evicted();
	untracked_under_pressure();
	tracked_are_found_under_pressure();
	pressure_subsides();
	return tap_done();
}
