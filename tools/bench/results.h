/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows of the feedback benchmark's table: a policy in a scenario, with what was measured in
 * each of its repetitions.
 *
 * They come from a file that tells of one run a line, those of a row beside each other:
 *
 *	SCENARIO POLICY BEGIN EVENT LOG
 *
 * Counted is what was due from BEGIN on, in seconds; where something happened, from EVENT
 * on, which is "-" where nothing does. LOG is what the asker wrote.
 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "stats.h"

#define RESULTS_MAX	256
#define RESULTS_EARLY_S 2 /* "early" is as long after the event .. */
#define RESULTS_LATE_S	20 /* .. and "late" is what comes later than this */

enum measure {
	MEAN_MS,
	P50_MS,
	P99_MS,
	GOOD, /* part that was answered in good time (request_log.h) */
	FAILED, /* part that failed */
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

/* Reads them all, and returns how many; ends this program if it cannot. */
size_t results_read(struct result results[RESULTS_MAX], const char *path);

#endif
