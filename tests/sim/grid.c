// SPDX-License-Identifier: GPL-2.0-only
/*
 * Latency feedback in a grid of simulated services: one line each, beside an oracle that knows
 * the backends' speeds. `*` marks a violated criterion: response times much longer than the
 * oracle's, a limit cycle, or factors of equal backends beyond [.9, 1.1]. The last lines count
 * the marks.
 *
 *	build/sim/grid [PROCESSES [rough]]
 *
 * `rough` replaces the law by the true speeds with errors of 2 %: its marks are chance.
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
 * With persistent connections, the queues of the initial equal weights last longer. Noise lasts
 * as long as connections, and needs more than a few minutes to average out.
 */
static void use_connections(struct scenario *scenario)
{
	scenario->connections = 400 / scenario->balancers;
	scenario->warmup_s = 180;
	scenario->seconds = 900;
}

/* Fills in scenario `number` of the grid. Returns false beyond the last. */
static bool grid_scenario(int number, struct scenario *scenario)
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
		use_connections(scenario);
	return left < 2;
}

/* Counts of all processes: scenarios, and marks. */
struct tally {
	int all, slow, oscillating;
	int equal, straying;
};

static void count(struct tally *tally, bool equal, const struct evaluation *evaluation)
{
	__atomic_fetch_add(&tally->all, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&tally->slow, evaluation_ratio(evaluation) > RATIO_MAX,
			   __ATOMIC_RELAXED);
	__atomic_fetch_add(&tally->oscillating, evaluation_oscillates(evaluation),
			   __ATOMIC_RELAXED);
	__atomic_fetch_add(&tally->equal, equal, __ATOMIC_RELAXED);
	__atomic_fetch_add(&tally->straying, equal && evaluation_strays(evaluation),
			   __ATOMIC_RELAXED);
}

static void print_tally(const char *flows, const struct tally *tally)
{
	printf("%-7s of %d: p99 more than %.2f times the oracle's in %d, limit cycles in %d; "
	       "of %d with equal backends factors stray in %d\n",
	       flows, tally->all, RATIO_MAX, tally->slow, tally->oscillating, tally->equal,
	       tally->straying);
}

static bool is_equal(const struct scenario *scenario)
{
	return scenario->speed[4] == 1;
}

static void print(const struct scenario *scenario, const struct evaluation *evaluation)
{
	bool equal = is_equal(scenario), straying = equal && evaluation_strays(evaluation);
	double ratio = evaluation_ratio(evaluation);

	printf("%-4s %.2f %2d %-11s %-7s %-8s %-7s %9.1f %9.1f %5.2f%c %.3f %.3f%c %.3f..%.3f%c\n",
	       pick_names[scenario->pick], scenario->load, scenario->balancers,
	       demand_names[scenario->demand], scenario->discipline ? "sharing" : "fifo",
	       scenario->connections ? "persist" : "request", equal ? "equal" : "unequal",
	       evaluation->p99_ms, evaluation->oracle_p99_ms, ratio, ratio > RATIO_MAX ? '*' : ' ',
	       evaluation->swing, evaluation->ring, evaluation_oscillates(evaluation) ? '*' : ' ',
	       evaluation->low, evaluation->high, straying ? '*' : ' ');
	fflush(stdout);
}

/* Each process runs every n-th scenario. */
static void run_scenarios(int process, int processes, enum policy policy, struct tally tallies[2])
{
	struct scenario scenario;

	for (int number = process; grid_scenario(number, &scenario); number += processes) {
		struct evaluation evaluation;

		scenario.policy = policy;
		evaluation = evaluate(&scenario, SEEDS);
		print(&scenario, &evaluation);
		count(&tallies[scenario.connections > 0], is_equal(&scenario), &evaluation);
	}
}

int main(int argc, char **argv)
{
	int processes = argc > 1 ? atoi(argv[1]) : 2;
	enum policy policy = argc > 2 && !strcmp(argv[2], "rough") ? ROUGH : LAW;
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
			run_scenarios(i, processes, policy, tallies);
			return 0;
		}
		failed |= child < 0;
	}
	while (wait(&status) > 0)
		failed |= status != 0;
	print_tally("request", &tallies[0]);
	print_tally("persist", &tallies[1]);
	return failed;
}
