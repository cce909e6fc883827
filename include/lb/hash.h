/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keyed hash of both sides.
 *
 * Three rounds of multiply and xor-shift (the finaliser family of MurmurHash3 and
 * SplitMix64, see Steele, Lea, Flood: "Fast splittable pseudorandom number
 * generators", OOPSLA 2014), with secret 64-bit words drawn at attach time: a
 * client that does not know them cannot aim at one bucket or at one backend. Two
 * rounds leave successive clients clustered under some seeds (tests/unit/test_hash.c).
 */
#ifndef LB_HASH_H
#define LB_HASH_H

#include <linux/types.h>

/* Secret words, in host byte order; drawn once per instance. */
struct lb_seed {
	__u64 word[2];
};

static inline __u64 lb_mix(__u64 x, struct lb_seed seed)
{
	x = (x ^ seed.word[0]) * 0x9e3779b97f4a7c15ULL;
	x ^= x >> 32;
	x *= seed.word[1] | 1;
	x ^= x >> 32;
	x *= 0x9e3779b97f4a7c15ULL;
	x ^= x >> 29;
	return x;
}

/* A hash, scaled to 0..range-1 without a division. Uses the hash's upper half. */
static inline __u32 lb_scale(__u64 hash, __u32 range)
{
	return ((hash >> 32) * range) >> 32;
}

#endif
