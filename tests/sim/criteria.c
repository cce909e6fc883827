// SPDX-License-Identifier: GPL-2.0-only
#include "criteria.h"

#include <math.h>

#include "simulator.h"

#define BUT 0.01

static void add(struct verdict *verdict, const struct story *story, int seeds)
{
	double low, high;

	story_range(story, BUT, &low, &high);
	verdict->low = fmin(verdict->low, low);
	verdict->high = fmax(verdict->high, high);
	verdict->swing = fmax(verdict->swing, story_swing(story));
	verdict->ring = fmax(verdict->ring, story_ring(story));
	verdict->p99_ms += story_quantile_ms(story, 0.99) / seeds;
	verdict->mean_ms += story_mean_ms(story) / seeds;
	verdict->good += story_good(&story->after) / seeds;
}

struct verdict judge(const struct scenario *scenario, int seeds)
{
	struct scenario complete = scenario_complete(*scenario), oracle = complete;
	struct verdict verdict = {.low = INFINITY};
	struct story story;

	oracle.steer = ORACLE;
	for (int seed = 0; seed < seeds; seed++) {
		complete.seed = oracle.seed = seed;
		world_run(&complete, &story);
		add(&verdict, &story, seeds);
		story_end(&story);
		world_run(&oracle, &story);
		verdict.oracle_p99_ms += story_quantile_ms(&story, 0.99) / seeds;
		verdict.oracle_mean_ms += story_mean_ms(&story) / seeds;
		story_end(&story);
	}
	return verdict;
}

double judge_ratio(const struct verdict *verdict)
{
	return verdict->p99_ms / verdict->oracle_p99_ms;
}

bool judge_cycles(const struct verdict *verdict)
{
	return verdict->swing > SWING_MAX || verdict->ring > RING_MAX;
}

bool judge_strays(const struct verdict *verdict)
{
	return verdict->low < .9 || verdict->high > 1.1;
}
