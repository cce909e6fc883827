// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the flow memory is full of established flows nobody is pushed out; who
 * comes then is sent to a backend by hash, each packet of a flow to the same.
 */
#include <linux/bpf.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "rig/expect.h"
#include "rig/flow_table_dump.h"
#include "rig/process.h"
#include "rig/test_env.h"

#define LATECOMERS 200
#define HONEST	   16 /* few enough for any bucket, of which there are 16 */

static struct stage stage;
static __u32 client;

static struct talk next_client(void)
{
	client++;
	return stage_talk(&stage, 10, client & 1, IPPROTO_TCP, client);
}

static size_t memory_bytes(void)
{
	return stage.balancer.control->flow_buckets * sizeof(struct lb_bucket);
}

/* Who comes into a full crowd looks for room one time in 256, and in one of 16 buckets. */
static void fill_memory(void)
{
	struct memory_count count = memory_count(&stage.balancer);

	for (unsigned int i = 0; i < 2000 * count.places; i++) {
		struct talk talk = next_client();

		talk_establish(&talk);
		count = memory_count(&stage.balancer);
		if (count.state[LB_FLOW_ESTABLISHED] == count.places)
			break;
	}
	is_int(count.state[LB_FLOW_ESTABLISHED], count.places,
	       "established flows fill the memory to the last place");
}

/* Counts those of a talk's packets that were counted as untracked. */
static unsigned int ask(struct talk *talk, __u8 flags)
{
	struct verdict verdict;

	return talk_ask(talk, flags, &verdict) && verdict.gained.count[LB_UNTRACKED] == 1;
}

static void latecomers_find_their_backend(void)
{
	struct lb_bucket *before = malloc(memory_bytes());
	unsigned int untracked = 0, same = 0, answered = 0, backends = 0;

	memcpy(before, stage.balancer.flows, memory_bytes());
	for (unsigned int i = 0; i < LATECOMERS; i++) {
		struct talk talk = next_client();
		struct endpoint backend;
		struct verdict verdict;

		untracked += ask(&talk, TCP_SYN);
		backend = talk.backend;
		backends |= 1U << (backend.address.s6_addr[15] - RIG_BACKEND_FIRST);
		answered += talk_answer(&talk, TCP_SYN | TCP_ACK, &verdict);
		untracked += ask(&talk, TCP_ACK);
		same += endpoint_same(&backend, &talk.backend);
	}
	is_int(untracked, 2 * LATECOMERS, "SYN and ACK of a latecomer are counted as untracked");
	is_int(same, LATECOMERS, "and go to the same backend");
	is_int(backends, 7, "which are all backends");
	is_int(answered, LATECOMERS, "whose answers are given the service's address");
	ok(memcmp(before, stage.balancer.flows, memory_bytes()) == 0,
	   "no established flow is evicted, nor changed");
	free(before);
}

/* Three backends; a choice by turns would agree with the first one time in three. */
static void forgotten_flows_go_by_hash(void)
{
	struct talk talks[LATECOMERS];
	struct verdict verdict;
	unsigned int same = 0;

	balancer_do(&stage.balancer, "flow flush --force");
	for (unsigned int i = 0; i < LATECOMERS; i++) {
		talks[i] = next_client();
		talk_ask(&talks[i], TCP_ACK, &verdict);
	}
	balancer_do(&stage.balancer, "flow flush --force");
	is_int(memory_count(&stage.balancer).total, 0, "all flows are forgotten");
	talk_ask(&talks[0], TCP_ACK, &verdict);
	is_int(memory_count(&stage.balancer).total, 1, "one speaks up and is remembered again");
	for (unsigned int i = 0; i < LATECOMERS; i++) {
		struct endpoint backend = talks[i].backend;

		talk_ask(&talks[i], TCP_ACK, &verdict);
		same += endpoint_same(&backend, &talks[i].backend);
	}
	is_int(same, LATECOMERS, "each is given to the same backend again");
}

static void half_open_give_way(void)
{
	struct memory_count count;
	unsigned int sent = 0, established = 0;

	balancer_do(&stage.balancer, "flow flush --force");
	count = memory_count(&stage.balancer);
	for (unsigned int i = 0; i < 20 * count.places; i++) {
		struct talk talk = next_client();
		struct verdict verdict;

		sent += talk_ask(&talk, TCP_SYN, &verdict) &&
			verdict.gained.count[LB_FORWARDED] + verdict.gained.count[LB_UNTRACKED] ==
				1;
	}
	is_int(sent, 20 * count.places, "twenty half-open flows a place: each is given a backend");
	for (unsigned int i = 0; i < HONEST; i++) {
		struct talk talk = next_client();

		established += talk_establish(&talk);
	}
	is_int(established, HONEST, "and honest connections among them are established");
}

/* In a crowd flows are turned away: each packet by the same hash, and so are its replies. */
static void turned_away(void)
{
	unsigned int away = 0, answered = 0;

	for (unsigned int i = 0; i < 1000; i++) {
		struct talk talk = next_client();
		struct verdict verdict;

		if (!talk_ask(&talk, TCP_SYN, &verdict) || !verdict.gained.count[LB_UNTRACKED])
			continue;
		away++;
		answered += talk_answer(&talk, TCP_SYN | TCP_ACK, &verdict);
	}
	ok(away > 500, "in a crowd of half-open flows most are turned away");
	is_int(answered, away, "and every reply finds its way back");
	balancer_do(&stage.balancer, "flow flush --force");
	for (away = 0; away < 10; away++) {
		struct talk talk = next_client();
		struct verdict verdict;

		if (!talk_ask(&talk, TCP_SYN, &verdict) || !verdict.gained.count[LB_FORWARDED])
			break;
	}
	is_int(memory_count(&stage.balancer).total, 10, "with room again, all are remembered");
}

/* Strangers come until one is turned away; true if one was. */
static bool crowd_comes(void)
{
	for (unsigned int i = 0; i < 1000; i++) {
		struct talk talk = next_client();

		if (ask(&talk, TCP_SYN))
			return true;
	}
	return false;
}

/* Of known flows, packets of any kind that are sent in a crowd and go where the flow went. */
static unsigned int count_met(struct talk *talks, unsigned int count, __u8 flags)
{
	unsigned int met = 0;

	for (unsigned int i = 0; i < count; i++) {
		struct endpoint backend = talks[i].backend;
		struct verdict verdict;

		met += crowd_comes() && talk_ask(&talks[i], flags, &verdict) &&
		       verdict.gained.count[LB_FORWARDED] == 1 &&
		       endpoint_same(&backend, &talks[i].backend);
	}
	return met;
}

/* What is known is met although who is turned away is not looked for. */
static void known_are_met_in_a_crowd(void)
{
	struct talk talks[HONEST];
	unsigned int established = 0;

	balancer_do(&stage.balancer, "flow flush --force");
	for (unsigned int i = 0; i < HONEST; i++) {
		talks[i] = next_client();
		established += talk_establish(&talks[i]);
	}
	is_int(established, HONEST, "some are established before a crowd comes");
	is_int(count_met(talks, HONEST, TCP_ACK), HONEST, "they are met in it");
	is_int(count_met(talks, HONEST, TCP_SYN), HONEST, "even if they begin again");
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		process_bail("sched_setaffinity");
}

/* Some flow that finds no room must not cost all that are known a look at their fingerprints. */
static void known_are_trusted_again(void)
{
	struct talk talk = next_client();
	int cpu = sched_getcpu();
	unsigned int met = 0;
	struct verdict verdict;

	stay_on(cpu);
	balancer_do(&stage.balancer, "flow flush --force");
	ok(talk_establish(&talk) && crowd_comes(), "a stranger is turned away");
	ok(balancer_is_wary(&stage.balancer, cpu), "then packets are asked for fingerprints");
	for (unsigned int i = 0; i < 100; i++)
		met += talk_ask(&talk, TCP_ACK, &verdict) && verdict.gained.count[LB_FORWARDED];
	is_int(met, 100, "a known flow goes on");
	ok(!balancer_is_wary(&stage.balancer, cpu), "and after a few packets is asked no more");
}

int main(void)
{
	stage_open(&stage, "--max-flows 128");
	stage_service(&stage, "web", 10, false, IPPROTO_TCP, "");
	stage_service(&stage, "web6", 10, true, IPPROTO_TCP, "");
	for (unsigned int host = 11; host <= 13; host++) {
		stage_backend(&stage, "web", false, 2, host, "");
		stage_backend(&stage, "web6", true, 2, host, "");
	}
	fill_memory();
	latecomers_find_their_backend();
	forgotten_flows_go_by_hash();
	half_open_give_way();
	turned_away();
	known_are_met_in_a_crowd();
	known_are_trusted_again();
	return tap_done();
}
