// SPDX-License-Identifier: GPL-2.0-only
#include "criteria.h"

#include <math.h>

#include "simulator.h"

#define OUTLIERS 0.01

static void add_results(struct score *score, const struct results *results, int seeds)
{
	double low, high;

	results_factor_range(results, OUTLIERS, &low, &high);
	score->low = fmin(score->low, low);
	score->high = fmax(score->high, high);
	score->swing = fmax(score->swing, results_swing(results));
	score->ring = fmax(score->ring, results_ring(results));
	score->p99_ms += results_quantile_ms(results, 0.99) / seeds;
	score->mean_ms += results_mean_ms(results) / seeds;
	score->good += results_good_fraction(&results->after) / seeds;
}

struct score criteria_evaluate(const struct scenario *scenario, int seeds)
{
	struct scenario complete = scenario_complete(*scenario), oracle = complete;
	struct score score = {.low = INFINITY};
	struct results results;

	oracle.weight_policy = ORACLE;
	for (int seed = 0; seed < seeds; seed++) {
		complete.seed = oracle.seed = seed;
		sim_run(&complete, &results);
		add_results(&score, &results, seeds);
		results_free(&results);
		sim_run(&oracle, &results);
		score.oracle_p99_ms += results_quantile_ms(&results, 0.99) / seeds;
		score.oracle_mean_ms += results_mean_ms(&results) / seeds;
		results_free(&results);
	}
	return score;
}

double criteria_p99_ratio(const struct score *score)
{
	return score->p99_ms / score->oracle_p99_ms;
}

bool criteria_has_cycle(const struct score *score)
{
	return score->swing > SWING_MAX || score->ring > RING_MAX;
}

bool criteria_is_uneven(const struct score *score)
{
	return score->low < .9 || score->high > 1.1;
}
