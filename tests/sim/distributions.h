/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers as simulations need them, from the dice of the tests. */
#ifndef TEST_SIM_DISTRIBUTIONS_H
#define TEST_SIM_DISTRIBUTIONS_H

#include <math.h>

#include "rig/prng.h"
#include "scenario.h"

/* Between 0 and 1, and neither. */
static inline double chance(struct dice *dice)
{
	return ((dice_word(dice) >> 11) + 0.5) * 0x1p-53;
}

/* Of mean 1. */
static inline double chance_exponential(struct dice *dice)
{
	return -log(chance(dice));
}

static inline double chance_normal(struct dice *dice)
{
	return sqrt(2 * chance_exponential(dice)) * cos(2 * M_PI * chance(dice));
}

/* Of mean 1. */
static inline double chance_demand(struct dice *dice, enum demand demand)
{
	switch (demand) {
	case CONSTANT:
		return 1;
	case LOGNORMAL:
		return exp(1.5 * chance_normal(dice) - 1.5 * 1.5 / 2);
	case PARETO:
		return 1.1 / 2.1 * pow(chance(dice), -1 / 2.1);
	default:
		return chance_exponential(dice);
	}
}

#endif
