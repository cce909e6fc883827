/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keyed hash, used by the datapath and by userspace.
 *
 * Two rounds of xor-shift and multiply with the constants of SplitMix64 (Steele, Lea, Flood: "Fast
 * splittable pseudorandom number generators", OOPSLA 2014). A secret 64-bit word, drawn at attach
 * time, precedes each of them, so that clients cannot target a bucket or a backend. The first shift
 * is needed: without it successive clients cluster (tests/unit/abi/test_hash.c).
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

/* Hash of an address, without the port. */
static inline __u64 lb_source_hash(const __u64 address[2], struct lb_seed seed)
{
	return lb_mix(address[1] + address[0] * 0xff51afd7ed558ccdULL, seed);
}

/* Hash of a backend, from which its Maglev order follows (user/model/maglev.h). */
static inline __u64 lb_backend_hash(const __u64 address[2], __be16 port, struct lb_seed seed)
{
	return lb_mix(address[1] ^ lb_mix(address[0] ^ port, seed), seed);
}

/* Scales a hash to 0..range-1 without a division. Uses the hash's upper half. */
static inline __u32 lb_scale(__u64 hash, __u32 range)
{
	return ((hash >> 32) * range) >> 32;
}

#endif
