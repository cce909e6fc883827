/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers for property tests, from a fixed seed, so that failures are reproducible.
 */
#ifndef TEST_UNIT_RANDOM_H
#define TEST_UNIT_RANDOM_H

#include "core/prng.h"

static inline struct prng *random_prng(void)
{
	static struct prng prng = {20240607};

	return &prng;
}

static inline __u64 random_word(void)
{
	return prng_next(random_prng());
}

/* 0..range-1 */
static inline __u32 random_below(__u32 range)
{
	return prng_below(random_prng(), range);
}

#endif
