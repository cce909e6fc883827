/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers for property tests: SplitMix64 from a fixed start, so that what
 * fails once fails again.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <linux/types.h>

static inline __u64 random_word(void)
{
	static __u64 state = 20240607;
	__u64 z = state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* 0..range-1 */
static inline __u32 random_below(__u32 range)
{
	return (random_word() >> 32) * range >> 32;
}

#endif
