/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measurements: the cases of a benchmark run, one line of the report each.
 *
 * The net time of a case is its gross time less that of its `overhead`: the same replay with a
 * program that does nothing, run right before and right after it. These two runs also show
 * whether the machine was quiet: if they took longer than usual, the sample is dropped.
 */
#ifndef BENCH_MEASUREMENT_H
#define BENCH_MEASUREMENT_H

#include <stdbool.h>

#include "harness/instance.h"
#include "harness/replay.h"
#include "stats.h"

#define MEASUREMENTS_MAX 128

/* Upper limit of a median: e times E (parse + NAT, or parse + IPIP) plus c times C (cold line). */
struct limit {
	double e;
	double c;
};

struct measurement {
	char name[64];
	const char *family; /* "IPv4", "IPv6", or "" */
	struct limit limit; /* both 0: none */
	const struct measurement *baseline; /* E of the case's forwarding mode; NULL: parse + NAT */
	struct measurement *overhead; /* NULL: this is an overhead itself */

	struct replay *replay; /* NULL: runs `program` alone, `steps` steps per run, all net time */
	int program;
	unsigned int steps;
	unsigned int packets; /* per run */
	const struct testnet *testnet;
	const struct instance *instance; /* NULL for baselines */
	__u64 expected; /* outcomes, one bit each */
	__u64 unexpected; /* packets with other outcomes */
	unsigned long flows, tracked; /* established flows, and those in the flow table; 0 = n/a */

	struct samples gross; /* ns per packet or step */
	struct samples overhead_ns; /* mean of the overhead before and after */
};

struct measurements {
	struct measurement list[MEASUREMENTS_MAX];
	unsigned int count;
	const struct measurement *parse_nat; /* E of NAT */
	const struct measurement *parse_ipip; /* E of tunnels */
	const struct measurement *cold_line; /* C */
	const char *only; /* run only cases with this in their names; NULL: all */
};

/* Adds an empty measurement. */
__attribute__((format(printf, 3, 4))) struct measurement *measurements_add(
	struct measurements *measurements, const char *family, const char *format, ...);

/* Runs all once, in random order. A warm-up takes no samples. */
void measurements_round(struct measurements *measurements, bool warm_up);

/*
 * Net samples taken while the machine was quiet. If these are too few, returns all and sets
 * *disturbed: the figures are unreliable.
 */
struct samples measurement_net(const struct measurement *measurement, bool *disturbed);

/* Net ns: the median, and the minimum gross time less the minimum overhead. */
double measurement_median(const struct measurement *measurement);
double measurement_min(const struct measurement *measurement);

/* The median divided by that of its baseline. */
double measurement_ratio(const struct measurements *measurements,
			 const struct measurement *measurement);

/* The limit in ns, from the medians of this run; 0 = no limit. */
double measurement_limit(const struct measurements *measurements,
			 const struct measurement *measurement);

#endif
