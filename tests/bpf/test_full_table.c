// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the flow memory is full of established flows nobody is pushed out; who
 * comes then is sent to a backend by hash, each packet of a flow to the same.
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
#define LEGITIMATE 16 /* few enough for any bucket, of which there are 16 */

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

/* Who comes into a full crowd looks for room one time in 256, and in one of 16 buckets. */
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
	       "established flows fill the memory to the last place");
}

/* Counts those of a talk's packets that were counted as untracked. */
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
	is_int(untracked, 2 * NEW_FLOWS, "SYN and ACK of a latecomer are counted as untracked");
	is_int(same, NEW_FLOWS, "and go to the same backend");
	is_int(backends, 7, "which are all backends");
	is_int(answered, NEW_FLOWS, "whose answers are given the service's address");
	ok(memcmp(before, env.instance.flows, flow_table_bytes()) == 0,
	   "no established flow is evicted, nor changed");
	free(before);
}

/* Three backends; a choice by turns would agree with the first one time in three. */
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
	is_int(flow_dump_count(&env.instance).total, 0, "all flows are forgotten");
	exchange_send_request(&exchanges[0], TCP_ACK, &verdict);
	is_int(flow_dump_count(&env.instance).total, 1, "one speaks up and is remembered again");
	for (unsigned int i = 0; i < NEW_FLOWS; i++) {
		struct endpoint backend = exchanges[i].backend;

		exchange_send_request(&exchanges[i], TCP_ACK, &verdict);
		same += endpoint_same(&backend, &exchanges[i].backend);
	}
	is_int(same, NEW_FLOWS, "each is given to the same backend again");
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
	is_int(sent, 20 * count.capacity,
	       "twenty half-open flows a place: each is given a backend");
	for (unsigned int i = 0; i < LEGITIMATE; i++) {
		struct exchange exchange = next_client();

		established += exchange_establish(&exchange);
	}
	is_int(established, LEGITIMATE, "and honest connections among them are established");
}

/* In a crowd flows are turned away: each packet by the same hash, and so are its replies. */
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
	ok(by_hash > 500, "in a crowd of half-open flows most are turned away");
	is_int(answered, by_hash, "and every reply finds its way back");
	instance_must_run(&env.instance, "flow flush --force");
	for (by_hash = 0; by_hash < 10; by_hash++) {
		struct exchange exchange = next_client();
		struct verdict verdict;

		if (!exchange_send_request(&exchange, TCP_SYN, &verdict) ||
		    !verdict.increments.count[LB_FORWARDED])
			break;
	}
	is_int(flow_dump_count(&env.instance).total, 10, "with room again, all are remembered");
}

/* Strangers come until one is turned away; true if one was. */
static bool build_pressure(void)
{
	for (unsigned int i = 0; i < 1000; i++) {
		struct exchange exchange = next_client();

		if (send_untracked(&exchange, TCP_SYN))
			return true;
	}
	return false;
}

/* Of known flows, packets of any kind that are sent in a crowd and go where the flow went. */
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

/* What is known is met although who is turned away is not looked for. */
static void tracked_are_found_under_pressure(void)
{
	struct exchange exchanges[LEGITIMATE];
	unsigned int established = 0;

	instance_must_run(&env.instance, "flow flush --force");
	for (unsigned int i = 0; i < LEGITIMATE; i++) {
		exchanges[i] = next_client();
		established += exchange_establish(&exchanges[i]);
	}
	is_int(established, LEGITIMATE, "some are established before a crowd comes");
	is_int(count_forwarded(exchanges, LEGITIMATE, TCP_ACK), LEGITIMATE, "they are met in it");
	is_int(count_forwarded(exchanges, LEGITIMATE, TCP_SYN), LEGITIMATE,
	       "even if they begin again");
}

static void pin_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		process_bail("sched_setaffinity");
}

/* Some flow that finds no room must not cost all that are known a look at their fingerprints. */
static void pressure_subsides(void)
{
	struct exchange exchange = next_client();
	int cpu = sched_getcpu();
	unsigned int forwarded = 0;
	struct verdict verdict;

	pin_to_cpu(cpu);
	instance_must_run(&env.instance, "flow flush --force");
	ok(exchange_establish(&exchange) && build_pressure(), "a stranger is turned away");
	ok(instance_has_pressure(&env.instance, cpu), "then packets are asked for fingerprints");
	for (unsigned int i = 0; i < 100; i++)
		forwarded += exchange_send_request(&exchange, TCP_ACK, &verdict) &&
			     verdict.increments.count[LB_FORWARDED];
	is_int(forwarded, 100, "a known flow goes on");
	ok(!instance_has_pressure(&env.instance, cpu), "and after a few packets is asked no more");
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
