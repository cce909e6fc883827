/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a slow loop has to hold, of any steady scenario: no limit cycle, and answers nearly
 * as soon as with an oracle that knows the backends' speeds, by the same fast loop.
 */
#ifndef TEST_SIM_CRITERIA_H
#define TEST_SIM_CRITERIA_H

#include <stdbool.h>

#include "scenario.h"

#define SWING_MAX 0.2 /* of the logarithm of a factor: its deviation */
#define RING_MAX  0.05
#define RATIO_MAX 1.15

/* Means of some seeds; the extremes of all. */
struct score {
	double p99_ms, mean_ms, good;
	double oracle_p99_ms, oracle_mean_ms;
	double swing, ring;
	double low, high; /* factors, for all but a hundredth of the time */
};

struct score criteria_evaluate(const struct scenario *scenario, int seeds);

double criteria_p99_ratio(const struct score *score);
bool criteria_has_cycle(const struct score *score);

/* Of equal backends: factors beyond [.9, 1.1]. */
bool criteria_is_uneven(const struct score *score);

#endif
