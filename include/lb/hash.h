/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keyed hash of both sides.
 *
 * Two rounds of xor-shift and multiply with the constants of SplitMix64 (Steele,
 * Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014), and
 * secret 64-bit words, drawn at attach time, in front of each: a client that does
 * not know them cannot aim at one bucket or at one backend. The first shift is
 * needed: without it successive clients cluster (tests/unit/abi/test_hash.c).
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
	x ^= seed.word[0];
	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9ULL;
	x ^= x >> 32;
	x ^= seed.word[1];
	x *= 0x94d049bb133111ebULL;
	x ^= x >> 32;
	return x;
}

/* Of an address alone, whatever its port. */
static inline __u64 lb_source_hash(const __u64 address[2], struct lb_seed seed)
{
	return lb_mix(address[1] + address[0] * 0xff51afd7ed558ccdULL, seed);
}

/* Where a backend begins in its service's order, if that goes by hash (user/model/maglev.h). */
static inline __u64 lb_backend_hash(const __u64 address[2], __be16 port, struct lb_seed seed)
{
	return lb_mix(address[1] ^ lb_mix(address[0] ^ port, seed), seed);
}

/* A hash, scaled to 0..range-1 without a division. Uses the hash's upper half. */
static inline __u32 lb_scale(__u64 hash, __u32 range)
{
	return ((hash >> 32) * range) >> 32;
}

#endif
