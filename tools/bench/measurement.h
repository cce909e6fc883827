/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Subjects: all that is measured in one run, each one line of the report.
 *
 * A subject's net time is its own less that of its `base`, the same replay in
 * front of a program that does nothing, which is run right before it and after
 * it. These two runs also tell whether the machine was quiet: where they took
 * longer than they need, the sample is dropped.
 */
#ifndef BENCH_MEASUREMENT_H
#define BENCH_MEASUREMENT_H

#include <stdbool.h>

#include "harness/instance.h"
#include "harness/replay.h"
#include "stats.h"

#define MEASUREMENTS_MAX 128

/* What a figure is held against: so many E (parse + NAT, or IPIP) and so many C (cold lines). */
struct limit {
	double e;
	double c;
};

struct measurement {
	char name[64];
	const char *family; /* "IPv4", "IPv6", or "" */
	struct limit limit; /* 0 + 0: none */
	const struct measurement *baseline; /* E, of this subject's kind of forwarding */
	struct measurement *overhead; /* NULL: this is a base */

	struct replay *replay; /* NULL: run `program` bare, which takes `steps` steps, all net */
	int program;
	unsigned int steps;
	unsigned int packets; /* in one run */
	const struct testnet *testnet;
	const struct instance *instance; /* NULL for floors */
	__u64 expected; /* outcomes, one bit each: a packet that leaves in another way is a flaw */
	__u64 unexpected;

	struct samples gross; /* nanoseconds a packet or step */
	struct samples overhead_ns; /* what the base took before and after, on the average */
};

struct measurements {
	struct measurement list[MEASUREMENTS_MAX];
	unsigned int count;
	const struct measurement *parse_nat; /* E of nat */
	const struct measurement *parse_ipip; /* E of tunnels */
	const struct measurement *cold_line; /* C */
	const char *only; /* run those whose names hold this; NULL: all */
};

/* Adds an empty subject. */
__attribute__((format(printf, 3, 4))) struct measurement *measurements_add(
	struct measurements *measurements, const char *family, const char *format, ...);

/* Runs all once in random order; the first round only warms up. */
void measurements_round(struct measurements *measurements, bool warm_up);

/*
 * Samples that were taken while the machine was quiet. If these are too few,
 * all of them: *disturbed tells, and the figures are not to be relied on.
 */
struct samples measurement_net(const struct measurement *measurement, bool *disturbed);

/* Net nanoseconds: the median, and what the least times come to. */
double measurement_median(const struct measurement *measurement);
double measurement_min(const struct measurement *measurement);

/* Its median in terms of its floor's. */
double measurement_ratio(const struct measurements *measurements,
			 const struct measurement *measurement);

/* The most that a subject may take, by the medians of this run; 0: no limit. */
double measurement_limit(const struct measurements *measurements,
			 const struct measurement *measurement);

#endif
