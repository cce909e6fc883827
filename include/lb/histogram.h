/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Response time histogram, with 16 buckets per power of two.
 *
 *     bucket  0 1 2 .. 31 | 32 33 ..  47 |  48 ..  63 | .. | 352 ..  367
 *     from    0 1 2 .. 31 | 32 34 ..  62 |  64 .. 124 | .. | 2^25 .. us
 *
 * Below 32 us a bucket is one microsecond wide, then a 16th of its power of two. So the middle of a
 * bucket is off by at most 3 %, from a microsecond to a minute. Five comparisons and shifts find
 * the bucket, without a loop or a table.
 *
 * Counts only grow, and wrap at 32 bits; a window is the difference of two copies
 * (user/model/histogram.h).
 */
#ifndef LB_HISTOGRAM_H
#define LB_HISTOGRAM_H

#include <linux/types.h>

#define LB_RESPONSE_SHIFT   4U /* binary logarithm of the buckets per power of two */
#define LB_RESPONSE_STEPS   (1U << LB_RESPONSE_SHIFT)
#define LB_RESPONSE_BITS    26U
#define LB_RESPONSE_MAX_US  ((1U << LB_RESPONSE_BITS) - 1) /* 67 s; longer times count as this */
#define LB_RESPONSE_BUCKETS ((LB_RESPONSE_BITS - LB_RESPONSE_SHIFT + 1) * LB_RESPONSE_STEPS)

/* Written by packets, by atomic addition; read by userspace. */
struct lb_responses {
	__u32 count[LB_RESPONSE_BUCKETS];
};

_Static_assert(sizeof(struct lb_responses) == 1472, "lb_responses are 23 cache lines");

/* Index of the highest set bit of a word other than 0. */
static inline __u32 lb_highest_bit(__u32 word)
{
	__u32 bit = (word > 0xffff) << 4, step;

	word >>= bit;
	step = (word > 0xff) << 3;
	word >>= step;
	bit += step;
	step = (word > 0xf) << 2;
	word >>= step;
	bit += step;
	step = (word > 0x3) << 1;
	word >>= step;
	return bit + step + (word > 1);
}

/* Always below LB_RESPONSE_BUCKETS; the BPF verifier needs a check of its own. */
static inline __u32 lb_response_bucket(__u32 us)
{
	__u32 shift;

	if (us > LB_RESPONSE_MAX_US)
		us = LB_RESPONSE_MAX_US;
	shift = lb_highest_bit(us | LB_RESPONSE_STEPS) - LB_RESPONSE_SHIFT;
	return (shift << LB_RESPONSE_SHIFT) + (us >> shift);
}

/* The least time in a bucket; for LB_RESPONSE_BUCKETS, the end of the last one. */
static inline __u32 lb_response_min_us(__u32 bucket)
{
	__u32 shift = bucket < 2 * LB_RESPONSE_STEPS ? 0 : (bucket >> LB_RESPONSE_SHIFT) - 1;

	return (bucket - (shift << LB_RESPONSE_SHIFT)) << shift;
}

#endif
