/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Results of the feedback benchmark: the measurements of each policy in each scenario, one
 * sample per repetition.
 *
 * They are read from a file with one line per run; the runs of one result are adjacent:
 *
 *	SCENARIO POLICY BEGIN EVENT LOG
 *
 * Requests due before BEGIN (seconds) do not count. EVENT is the time of the scenario's event,
 * or "-" without one; then requests count from EVENT on. LOG is the client's request log.
 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "stats.h"

#define RESULTS_MAX	256
#define RESULTS_EARLY_S 2 /* "early": the first 2 s after the event */
#define RESULTS_LATE_S	20 /* "late": more than 20 s after the event */

enum measure {
	MEAN_MS,
	P50_MS,
	P99_MS,
	GOOD, /* fraction answered within REQUEST_LOG_GOOD_MS */
	FAILED, /* fraction that failed */
	EARLY_GOOD,
	LATE_GOOD,
	MEASURES
};

struct result {
	char scenario[64];
	char policy[32];
	bool event;
	struct samples measured[MEASURES];
};

/* Reads all results and returns their number; exits on failure. */
size_t results_read(struct result results[RESULTS_MAX], const char *path);

#endif
