/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pseudo-random numbers (SplitMix64). Each generator has its own state, so that a failure repeats
 * with the same seed.
 */
#ifndef TEST_LIB_CORE_PRNG_H
#define TEST_LIB_CORE_PRNG_H

#include <linux/types.h>
#include <stdbool.h>

struct prng {
	__u64 state; /* initially the seed */
};

static inline __u64 prng_next(struct prng *prng)
{
	__u64 z = prng->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* 0..range-1 */
static inline __u32 prng_below(struct prng *prng, __u32 range)
{
	return (prng_next(prng) >> 32) * range >> 32;
}

static inline bool prng_one_in(struct prng *prng, __u32 n)
{
	return !prng_below(prng, n);
}

/* A random element of an array. */
#define prng_pick(prng, array) ((array)[prng_below(prng, sizeof(array) / sizeof((array)[0]))])

#endif
