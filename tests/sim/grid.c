// SPDX-License-Identifier: GPL-2.0-only
/*
 * Latency feedback in every combination of what a service may be like: one line each,
 * beside an oracle that knows the backends' speeds. `*` marks what is not as it has to be:
 * answers that take much longer than the oracle's, a limit cycle, or factors of equal
 * backends beyond [.9, 1.1]. At the end, how many marks there are.
 *
 *	build/sim/grid [PROCESSES [rough]]
 *
 * `rough` has in the law's place one that knows the speeds as well, but 2 % wrongly: what such a
 * one has marks for is chance.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "criteria.h"

#define SEEDS 1

static const double loads[] = {.3, .7, .85, .95};
static const int balancers[] = {1, 4, 16};
static const enum pick picks[] = {P2C, WRR, LC, LRT};
static const char *const pick_names[PICK_COUNT] = {"p2c", "wrr", "lc", "lrt"};
static const char *const demand_names[DEMAND_COUNT] = {"exponential", "constant", "lognormal",
						       "pareto"};

/*
 * Queues of a beginning with equal weights take longer to be gone; and chance, which lasts as long as
 * connections do, is not told from causes in a few minutes.
 */
static void keep(struct scenario *scenario)
{
	scenario->connections = 400 / scenario->balancers;
	scenario->warmup_s = 180;
	scenario->seconds = 900;
}

/* The grid's next point; false behind the last. */
static bool point(int number, struct scenario *scenario)
{
	static const double generations[] = {1, 1, 2, 2, 5};
	int left = number;

	*scenario = (struct scenario){.seed = 0};
	scenario->load = loads[left % 4];
	left /= 4;
	scenario->pick = picks[left % 4];
	left /= 4;
	for (int i = 0; i < 5; i++)
		scenario->speed[i] = left % 2 ? generations[i] : 1;
	left /= 2;
	scenario->balancers = balancers[left % 3];
	left /= 3;
	scenario->demand = left % DEMAND_COUNT;
	left /= DEMAND_COUNT;
	scenario->discipline = left % 2 ? SHARING : FIFO;
	left /= 2;
	if (left % 2)
		keep(scenario);
	return left < 2;
}

/* Of all processes: scenarios, and of these the marked ones. */
struct tally {
	int all, slow, cycles;
	int equal, strays;
};

static void count(struct tally *tally, bool equal, const struct verdict *verdict)
{
	__atomic_fetch_add(&tally->all, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&tally->slow, judge_ratio(verdict) > RATIO_MAX, __ATOMIC_RELAXED);
	__atomic_fetch_add(&tally->cycles, judge_cycles(verdict), __ATOMIC_RELAXED);
	__atomic_fetch_add(&tally->equal, equal, __ATOMIC_RELAXED);
	__atomic_fetch_add(&tally->strays, equal && judge_strays(verdict), __ATOMIC_RELAXED);
}

static void sum_up(const char *flows, const struct tally *tally)
{
	printf("%-7s of %d: p99 more than %.2f times the oracle's in %d, limit cycles in %d; "
	       "of %d equal ones factors stray in %d\n",
	       flows, tally->all, RATIO_MAX, tally->slow, tally->cycles, tally->equal,
	       tally->strays);
}

static bool is_equal(const struct scenario *scenario)
{
	return scenario->speed[4] == 1;
}

static void print(const struct scenario *scenario, const struct verdict *verdict)
{
	bool equal = is_equal(scenario), strays = equal && judge_strays(verdict);
	double ratio = judge_ratio(verdict);

	printf("%-4s %.2f %2d %-11s %-7s %-8s %-7s %9.1f %9.1f %5.2f%c %.3f %.3f%c %.3f..%.3f%c\n",
	       pick_names[scenario->pick], scenario->load, scenario->balancers,
	       demand_names[scenario->demand], scenario->discipline ? "sharing" : "fifo",
	       scenario->connections ? "kept" : "request", equal ? "equal" : "unequal",
	       verdict->p99_ms, verdict->oracle_p99_ms, ratio, ratio > RATIO_MAX ? '*' : ' ',
	       verdict->swing, verdict->ring, judge_cycles(verdict) ? '*' : ' ', verdict->low,
	       verdict->high, strays ? '*' : ' ');
	fflush(stdout);
}

/* Each process takes its turn. */
static void walk(int process, int processes, enum steer steer, struct tally tallies[2])
{
	struct scenario scenario;

	for (int number = process; point(number, &scenario); number += processes) {
		struct verdict verdict;

		scenario.steer = steer;
		verdict = judge(&scenario, SEEDS);
		print(&scenario, &verdict);
		count(&tallies[scenario.connections > 0], is_equal(&scenario), &verdict);
	}
}

int main(int argc, char **argv)
{
	int processes = argc > 1 ? atoi(argv[1]) : 2;
	enum steer steer = argc > 2 && !strcmp(argv[2], "rough") ? ROUGH : LAW;
	struct tally *tallies = mmap(NULL, 2 * sizeof(*tallies), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status, failed = 0;

	if (tallies == MAP_FAILED)
		return 1;
	printf("pick load  n demand      backend flows    speeds    p99 ms    oracle ratio  swing "
	       "ring   factors\n");
	fflush(stdout);
	for (int i = 0; i < processes; i++) {
		pid_t child = fork();

		if (child == 0) {
			walk(i, processes, steer, tallies);
			return 0;
		}
		failed |= child < 0;
	}
	while (wait(&status) > 0)
		failed |= status != 0;
	sum_up("request", &tallies[0]);
	sum_up("kept", &tallies[1]);
	return failed;
}
