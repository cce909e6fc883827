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
static const enum scheduler schedulers[] = {P2C, WRR, LC, LRT};
static const char *const scheduler_names[SCHEDULER_COUNT] = {"p2c", "wrr", "lc", "lrt"};
static const char *const demand_names[DEMAND_COUNT] = {"exponential", "constant", "lognormal",
						       "pareto"};

/*
 * Queues of a beginning with equal weights take longer to be gone; and chance, which lasts as long as
 * connections do, is not told from causes in a few minutes.
 */
static void keep_connections(struct scenario *scenario)
{
	scenario->connections = 400 / scenario->balancers;
	scenario->warmup_s = 180;
	scenario->seconds = 900;
}

/* The grid's next point; false behind the last. */
static bool grid_point(int number, struct scenario *scenario)
{
	static const double generations[] = {1, 1, 2, 2, 5};
	int left = number;

	*scenario = (struct scenario){.seed = 0};
	scenario->load = loads[left % 4];
	left /= 4;
	scenario->scheduler = schedulers[left % 4];
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
		keep_connections(scenario);
	return left < 2;
}

/* Of all processes: scenarios, and of these the marked ones. */
struct tally {
	int total, above_ratio, cycles;
	int equal, uneven;
};

static void add_score(struct tally *tally, bool equal, const struct score *score)
{
	__atomic_fetch_add(&tally->total, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&tally->above_ratio, criteria_p99_ratio(score) > RATIO_MAX,
			   __ATOMIC_RELAXED);
	__atomic_fetch_add(&tally->cycles, criteria_has_cycle(score), __ATOMIC_RELAXED);
	__atomic_fetch_add(&tally->equal, equal, __ATOMIC_RELAXED);
	__atomic_fetch_add(&tally->uneven, equal && criteria_is_uneven(score), __ATOMIC_RELAXED);
}

static void print_summary(const char *flows, const struct tally *tally)
{
	printf("%-7s of %d: p99 more than %.2f times the oracle's in %d, limit cycles in %d; "
	       "of %d equal ones factors stray in %d\n",
	       flows, tally->total, RATIO_MAX, tally->above_ratio, tally->cycles, tally->equal,
	       tally->uneven);
}

static bool is_equal(const struct scenario *scenario)
{
	return scenario->speed[4] == 1;
}

static void print(const struct scenario *scenario, const struct score *score)
{
	bool equal = is_equal(scenario), uneven = equal && criteria_is_uneven(score);
	double ratio = criteria_p99_ratio(score);

	printf("%-4s %.2f %2d %-11s %-7s %-8s %-7s %9.1f %9.1f %5.2f%c %.3f %.3f%c %.3f..%.3f%c\n",
	       scheduler_names[scenario->scheduler], scenario->load, scenario->balancers,
	       demand_names[scenario->demand], scenario->discipline ? "sharing" : "fifo",
	       scenario->connections ? "kept" : "request", equal ? "equal" : "unequal",
	       score->p99_ms, score->oracle_p99_ms, ratio, ratio > RATIO_MAX ? '*' : ' ',
	       score->swing, score->ring, criteria_has_cycle(score) ? '*' : ' ', score->low,
	       score->high, uneven ? '*' : ' ');
	fflush(stdout);
}

/* Each process takes its turn. */
static void run_points(int process, int processes, enum weight_policy weight_policy,
		       struct tally tallies[2])
{
	struct scenario scenario;

	for (int number = process; grid_point(number, &scenario); number += processes) {
		struct score score;

		scenario.weight_policy = weight_policy;
		score = criteria_evaluate(&scenario, SEEDS);
		print(&scenario, &score);
		add_score(&tallies[scenario.connections > 0], is_equal(&scenario), &score);
	}
}

int main(int argc, char **argv)
{
	int processes = argc > 1 ? atoi(argv[1]) : 2;
	enum weight_policy weight_policy = argc > 2 && !strcmp(argv[2], "rough") ? ROUGH : LAW;
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
			run_points(i, processes, weight_policy, tallies);
			return 0;
		}
		failed |= child < 0;
	}
	while (wait(&status) > 0)
		failed |= status != 0;
	print_summary("request", &tallies[0]);
	print_summary("kept", &tallies[1]);
	return failed;
}
