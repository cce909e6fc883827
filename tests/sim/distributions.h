/* SPDX-License-Identifier: GPL-2.0-only */
/* Distributions of random numbers, from the generator of the tests. */
#ifndef TEST_SIM_DISTRIBUTIONS_H
#define TEST_SIM_DISTRIBUTIONS_H

#include <math.h>

#include "rig/prng.h"
#include "scenario.h"

/* Uniform, between 0 and 1 exclusively. */
static inline double random_uniform(struct dice *dice)
{
	return ((dice_word(dice) >> 11) + 0.5) * 0x1p-53;
}

/* With a mean of 1. */
static inline double random_exponential(struct dice *dice)
{
	return -log(random_uniform(dice));
}

static inline double random_normal(struct dice *dice)
{
	return sqrt(2 * random_exponential(dice)) * cos(2 * M_PI * random_uniform(dice));
}

/* With a mean of 1. */
static inline double random_demand(struct dice *dice, enum demand demand)
{
	switch (demand) {
	case CONSTANT:
		return 1;
	case LOGNORMAL:
		return exp(1.5 * random_normal(dice) - 1.5 * 1.5 / 2);
	case PARETO:
		return 1.1 / 2.1 * pow(random_uniform(dice), -1 / 2.1);
	default:
		return random_exponential(dice);
	}
}

#endif
