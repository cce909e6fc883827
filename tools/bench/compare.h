/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Comparison of two builds: runs the benchmark of this build and that of another checkout in
 * alternation, each with its own lbctl, and reports the ratio of the medians of each case.
 *
 * Both runs of a pair follow each other, so that slow changes of the machine's speed cancel
 * out. The ratio of a case is the median over all pairs; their range shows its reliability.
 */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include <stdbool.h>

struct compare_options {
	const char *directory; /* the other checkout, which has been built */
	const char *only; /* only cases with this in their names; NULL: all */
	unsigned int runs; /* of each build */
	unsigned int rounds; /* per run */
	bool json;
};

/* Prints the report; returns the exit code. */
int compare_builds(const struct compare_options *options);

#endif
