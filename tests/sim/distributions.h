/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers as simulations need them, from the dice of the tests. */
#ifndef TEST_SIM_DISTRIBUTIONS_H
#define TEST_SIM_DISTRIBUTIONS_H

#include <math.h>

#include "core/prng.h"
#include "scenario.h"

/* Between 0 and 1, and neither. */
static inline double dist_uniform(struct prng *prng)
{
	return ((prng_next(prng) >> 11) + 0.5) * 0x1p-53;
}

/* Of mean 1. */
static inline double dist_exponential(struct prng *prng)
{
	return -log(dist_uniform(prng));
}

static inline double dist_normal(struct prng *prng)
{
	return sqrt(2 * dist_exponential(prng)) * cos(2 * M_PI * dist_uniform(prng));
}

/* Of mean 1. */
static inline double dist_demand(struct prng *prng, enum demand demand)
{
	switch (demand) {
	case CONSTANT:
		return 1;
	case LOGNORMAL:
		return exp(1.5 * dist_normal(prng) - 1.5 * 1.5 / 2);
	case PARETO:
		return 1.1 / 2.1 * pow(dist_uniform(prng), -1 / 2.1);
	default:
		return dist_exponential(prng);
	}
}

#endif
