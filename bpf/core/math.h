/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Branchless arithmetic, for values in an order that no branch predictor can guess.
 */
#ifndef BPF_CORE_MATH_H
#define BPF_CORE_MATH_H

#include <linux/types.h>

#include <bpf/bpf_helpers.h>

/* The smaller of two numbers below 2^63. The barrier keeps the compiler from making it a branch. */
static __always_inline __u64 branchless_min(__u64 a, __u64 b)
{
	__u64 difference = a - b;
	__u64 sign = (__s64)difference >> 63;

	barrier_var(sign);
	return b + (difference & sign);
}

#endif
