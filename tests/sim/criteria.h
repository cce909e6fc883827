/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Criteria for a slow loop in any constant scenario: no limit cycle, and response times close to
 * those of an oracle that knows the backends' speeds, with the same fast loop.
 */
#ifndef TEST_SIM_CRITERIA_H
#define TEST_SIM_CRITERIA_H

#include <stdbool.h>

#include "scenario.h"

#define SWING_MAX 0.2 /* standard deviation of the logarithm of a factor */
#define RING_MAX  0.05
#define RATIO_MAX 1.15

/* Means over all seeds, except for factors, swing and ring: extremes. */
struct evaluation {
	double p99_ms, mean_ms, good;
	double oracle_p99_ms, oracle_mean_ms;
	double swing, ring;
	double low, high; /* range of factors in 99 % of the time */
};

struct evaluation evaluate(const struct scenario *scenario, int seeds);

double evaluation_ratio(const struct evaluation *evaluation);
bool evaluation_oscillates(const struct evaluation *evaluation);

/* For equal backends: factors beyond [.9, 1.1]. */
bool evaluation_strays(const struct evaluation *evaluation);

#endif
