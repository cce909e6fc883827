// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shares of new flows with rr, wrr and random: rr and wrr are exact with the shared cursor, random
 * follows the weights, and weight 0 gets no flow.
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/expect.h"
#include "harness/test_env.h"

#define BACKENDS_MAX 8

static struct env env;
static __u32 client;

/* Begins a flow. Returns its backend (host number relative to the first), -1 if none. */
static int new_flow(unsigned int service, bool v6, __u8 protocol)
{
	struct exchange exchange = env_exchange(&env, service, v6, protocol, client++);
	struct verdict verdict;

	if (!exchange_send_request(&exchange, TCP_SYN, &verdict) ||
	    verdict.increments.count[LB_FORWARDED] != 1)
		return -1;
	return exchange_host(&exchange) - TESTNET_BACKEND_FIRST;
}

struct tally {
	unsigned int flows[BACKENDS_MAX];
	unsigned int lost;
};

static void count(struct tally *tally, int backend)
{
	if (backend >= 0 && backend < BACKENDS_MAX)
		tally->flows[backend]++;
	else
		tally->lost++;
}

static struct tally new_flows(unsigned int service, bool v6, __u8 protocol, unsigned int flows)
{
	struct tally tally = {0};

	while (flows--)
		count(&tally, new_flow(service, v6, protocol));
	return tally;
}

static void add(unsigned int number, bool v6, __u8 protocol, const char *scheduler,
		const unsigned int *weights, unsigned int backends)
{
	char name[32], flags[64];

	snprintf(name, sizeof(name), "s%u-%u-%u", number, v6 ? 6 : 4, protocol);
	snprintf(flags, sizeof(flags), "--scheduler %s", scheduler);
	env_add_service(&env, name, number, v6, protocol, flags);
	for (unsigned int i = 0; i < backends; i++) {
		snprintf(flags, sizeof(flags), "--weight %u", weights[i]);
		env_add_backend(&env, name, v6, 2, TESTNET_BACKEND_FIRST + i, flags);
	}
}

static bool tally_is(const struct tally *tally, const unsigned int *wanted, unsigned int times)
{
	bool matches = !tally->lost;

	for (unsigned int i = 0; i < 3; i++)
		matches &= tally->flows[i] == wanted[i] * times;
	if (!matches)
		diag("got %u/%u/%u, %u lost, wanted %u times %u/%u/%u", tally->flows[0],
		     tally->flows[1], tally->flows[2], tally->lost, times, wanted[0], wanted[1],
		     wanted[2]);
	return matches;
}

/* 900 flows are 500/300/100, and every nine consecutive flows are 5/3/1. */
static void wrr_is_exact(unsigned int number, bool v6, __u8 protocol)
{
	static const unsigned int weights[] = {5, 3, 1};
	struct tally all = {0}, window = {0};
	int selected[900];
	unsigned int unfair = 0;

	add(number, v6, protocol, "wrr", weights, 3);
	for (unsigned int i = 0; i < 900; i++) {
		selected[i] = new_flow(number, v6, protocol);
		count(&all, selected[i]);
		count(&window, selected[i]);
		if (i >= 9 && selected[i - 9] >= 0)
			window.flows[selected[i - 9]]--;
		if (i >= 8 &&
		    (window.flows[0] != 5 || window.flows[1] != 3 || window.flows[2] != 1))
			unfair++;
	}
	ok(tally_is(&all, weights, 100), "wrr, %s %s: 5/3/1 of 900 flows is 500/300/100",
	   v6 ? "IPv6" : "IPv4", protocol == IPPROTO_TCP ? "TCP" : "UDP");
	is_int(unfair, 0, "any nine consecutive flows are 5/3/1");
}

/* Interleaved: no backend gets its share in one block. */
static void wrr_is_smooth(void)
{
	unsigned int longest = 0, run = 0;
	int last = -1;

	for (unsigned int i = 0; i < 90; i++) {
		int backend = new_flow(1, false, IPPROTO_TCP);

		run = backend == last ? run + 1 : 1;
		last = backend;
		if (run > longest)
			longest = run;
	}
	ok(longest <= 2, "wrr, 5/3/1: a backend gets at most %u in a row", longest);
}

static void rr_ignores_weights(void)
{
	static const unsigned int weights[] = {5, 3, 1}, equal[] = {1, 1, 1};
	struct tally tally;

	add(10, false, IPPROTO_TCP, "rr", weights, 3);
	tally = new_flows(10, false, IPPROTO_TCP, 300);
	ok(tally_is(&tally, equal, 100), "rr ignores weights: each gets 100 of 300");
}

static void zero_weight_gets_nothing(const char *scheduler, unsigned int number)
{
	static const unsigned int weights[] = {2, 0, 1};
	struct tally tally;

	add(number, false, IPPROTO_TCP, scheduler, weights, 3);
	tally = new_flows(number, false, IPPROTO_TCP, 300);
	ok(!tally.flows[1] && !tally.lost && tally.flows[0] && tally.flows[2],
	   "%s: a backend with weight 0 gets no flow", scheduler);
}

static void all_zero_weights_drop(void)
{
	static const unsigned int weights[] = {0, 0};
	struct tally tally;

	add(30, false, IPPROTO_TCP, "wrr", weights, 2);
	tally = new_flows(30, false, IPPROTO_TCP, 10);
	is_int(tally.lost, 10, "all weights 0: no flow gets a backend");
}

/* Chi-square with 2 degrees of freedom exceeds 27.6 with a probability of 10^-6. */
static void random_is_weighted(bool v6)
{
	static const unsigned int weights[] = {5, 3, 1};
	struct tally tally;
	double chi_square = 0;

	add(40, v6, IPPROTO_TCP, "random", weights, 3);
	tally = new_flows(40, v6, IPPROTO_TCP, 9000);
	for (unsigned int i = 0; i < 3; i++) {
		double expected = weights[i] * 1000, gap = tally.flows[i] - expected;

		chi_square += gap * gap / expected;
	}
	diag("random, 5/3/1: %u/%u/%u of 9000, chi-square %.1f", tally.flows[0], tally.flows[1],
	     tally.flows[2], chi_square);
	ok(!tally.lost && chi_square < 27.6, "random: shares follow the weights");
	ok(chi_square > 0, "random: shares are not exact");
}

/* With weights too large for the slot table, a round is exact within one flow and its rounding. */
static void large_weights(void)
{
	static const unsigned int weights[] = {65535, 32767, 1};
	struct tally tally;

	add(50, false, IPPROTO_TCP, "wrr", weights, 3);
	tally = new_flows(50, false, IPPROTO_TCP, 3000);
	ok(!tally.lost && abs((int)tally.flows[0] - 2000) <= 2 &&
		   abs((int)tally.flows[1] - 1000) <= 2,
	   "65535/32767/1 of 3000 flows is 2000/1000/0 within 2");
	diag("%u/%u/%u", tally.flows[0], tally.flows[1], tally.flows[2]);
}

/* Changes apply from one flow to the next. */
static void changes_live(void)
{
	static const unsigned int before[] = {1, 1, 1}, after[] = {3, 2, 1}, equal[] = {1, 1, 1};
	struct tally tally;

	add(60, false, IPPROTO_TCP, "wrr", before, 3);
	tally = new_flows(60, false, IPPROTO_TCP, 30);
	ok(tally_is(&tally, before, 10), "equal weights give equal shares");
	instance_must_run(&env.instance, "backend weight s60-4-6 10.2.0.11:8080 3");
	instance_must_run(&env.instance, "backend weight s60-4-6 10.2.0.12:8080 2");
	tally = new_flows(60, false, IPPROTO_TCP, 60);
	ok(tally_is(&tally, after, 10), "changed weights apply to the next flows");
	instance_must_run(&env.instance, "service set s60-4-6 --scheduler rr");
	tally = new_flows(60, false, IPPROTO_TCP, 30);
	ok(tally_is(&tally, equal, 10), "a change to rr applies to the next flows");
}

int main(void)
{
	env_open(&env, "--max-flows 262144");
	wrr_is_exact(1, false, IPPROTO_TCP);
	wrr_is_exact(2, true, IPPROTO_TCP);
	wrr_is_exact(3, false, IPPROTO_UDP);
	wrr_is_exact(4, true, IPPROTO_UDP);
	wrr_is_smooth();
	rr_ignores_weights();
	zero_weight_gets_nothing("wrr", 20);
	zero_weight_gets_nothing("rr", 21);
	zero_weight_gets_nothing("random", 22);
	all_zero_weights_drop();
	random_is_weighted(false);
	random_is_weighted(true);
	large_weights();
	changes_live();
	return tap_done();
}
