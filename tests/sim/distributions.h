/* SPDX-License-Identifier: GPL-2.0-only */
/* Distributions of random numbers, from the generator of the tests. */
#ifndef TEST_SIM_DISTRIBUTIONS_H
#define TEST_SIM_DISTRIBUTIONS_H

#include <math.h>

#include "core/prng.h"
#include "scenario.h"

/* Uniform, between 0 and 1 exclusively. */
static inline double random_uniform(struct prng *prng)
{
	return ((prng_next(prng) >> 11) + 0.5) * 0x1p-53;
}

/* With a mean of 1. */
static inline double random_exponential(struct prng *prng)
{
	return -log(random_uniform(prng));
}

static inline double random_normal(struct prng *prng)
{
	return sqrt(2 * random_exponential(prng)) * cos(2 * M_PI * random_uniform(prng));
}

/* With a mean of 1. */
static inline double random_demand(struct prng *prng, enum demand demand)
{
	switch (demand) {
	case CONSTANT:
		return 1;
	case LOGNORMAL:
		return exp(1.5 * random_normal(prng) - 1.5 * 1.5 / 2);
	case PARETO:
		return 1.1 / 2.1 * pow(random_uniform(prng), -1 / 2.1);
	default:
		return random_exponential(prng);
	}
}

#endif
