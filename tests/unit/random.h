/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers for property tests: dice from a fixed start, so that what fails
 * once fails again.
 */
#ifndef TEST_UNIT_RANDOM_H
#define TEST_UNIT_RANDOM_H

#include "rig/prng.h"

static inline struct dice *random_dice(void)
{
	static struct dice dice = {20240607};

	return &dice;
}

static inline __u64 random_word(void)
{
	return dice_word(random_dice());
}

/* 0..range-1 */
static inline __u32 random_below(__u32 range)
{
	return dice_below(random_dice(), range);
}

#endif
