// SPDX-License-Identifier: GPL-2.0-only
#include "criteria.h"

#include <math.h>

#include "simulator.h"

#define EXCLUDED 0.01 /* part of all factors */

static void add(struct evaluation *evaluation, const struct results *results, int seeds)
{
	double low, high;

	results_range(results, EXCLUDED, &low, &high);
	evaluation->low = fmin(evaluation->low, low);
	evaluation->high = fmax(evaluation->high, high);
	evaluation->swing = fmax(evaluation->swing, results_swing(results));
	evaluation->ring = fmax(evaluation->ring, results_ring(results));
	evaluation->p99_ms += results_quantile_ms(results, 0.99) / seeds;
	evaluation->mean_ms += results_mean_ms(results) / seeds;
	evaluation->good += good_fraction(&results->after) / seeds;
}

struct evaluation evaluate(const struct scenario *scenario, int seeds)
{
	struct scenario complete = scenario_complete(*scenario), oracle = complete;
	struct evaluation evaluation = {.low = INFINITY};
	struct results results;

	oracle.policy = ORACLE;
	for (int seed = 0; seed < seeds; seed++) {
		complete.seed = oracle.seed = seed;
		simulator_run(&complete, &results);
		add(&evaluation, &results, seeds);
		results_release(&results);
		simulator_run(&oracle, &results);
		evaluation.oracle_p99_ms += results_quantile_ms(&results, 0.99) / seeds;
		evaluation.oracle_mean_ms += results_mean_ms(&results) / seeds;
		results_release(&results);
	}
	return evaluation;
}

double evaluation_ratio(const struct evaluation *evaluation)
{
	return evaluation->p99_ms / evaluation->oracle_p99_ms;
}

bool evaluation_oscillates(const struct evaluation *evaluation)
{
	return evaluation->swing > SWING_MAX || evaluation->ring > RING_MAX;
}

bool evaluation_strays(const struct evaluation *evaluation)
{
	return evaluation->low < .9 || evaluation->high > 1.1;
}
