// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request_log.h"
#include "results.h"
#include "rig/process.h"

#define FOREVER_S 1e9

static void measure_event(struct row *row, const char *log, double event)
{
	struct answers early = answers_read(log, event, event + ROWS_EARLY_S);
	struct answers late = answers_read(log, event + ROWS_LATE_S, FOREVER_S);

	row->event = true;
	samples_add(&row->measured[EARLY_GOOD], early.good);
	samples_add(&row->measured[LATE_GOOD], late.good);
}

static void measure(struct row *row, const char *log, double begin)
{
	struct answers answers = answers_read(log, begin, FOREVER_S);

	if (!answers.asked)
		process_bail("%s: nothing was asked", log);
	samples_add(&row->measured[MEAN_MS], answers.mean_ms);
	samples_add(&row->measured[P50_MS], answers.p50_ms);
	samples_add(&row->measured[P99_MS], answers.p99_ms);
	samples_add(&row->measured[GOOD], answers.good);
	samples_add(&row->measured[FAILED], (double)answers.failed / answers.asked);
}

/* The last row, if it is of these names, or a new one. */
static struct row *row_of(struct row *rows, size_t *count, const char *scenario, const char *policy)
{
	struct row *last = *count ? &rows[*count - 1] : NULL;

	if (last && !strcmp(last->scenario, scenario) && !strcmp(last->policy, policy))
		return last;
	if (*count == ROWS_MAX)
		process_bail("more than %d rows", ROWS_MAX);
	last = &rows[(*count)++];
	snprintf(last->scenario, sizeof(last->scenario), "%s", scenario);
	snprintf(last->policy, sizeof(last->policy), "%s", policy);
	return last;
}

size_t rows_read(struct row rows[ROWS_MAX], const char *path)
{
	char scenario[64], policy[32], event[32], log[PATH_MAX];
	FILE *file = fopen(path, "re");
	size_t count = 0;
	double begin;

	if (!file)
		process_bail("%s: %s", path, strerror(errno));
	while (fscanf(file, "%63s %31s %lf %31s %4095s", scenario, policy, &begin, event, log) ==
	       5) {
		struct row *row = row_of(rows, &count, scenario, policy);

		if (strcmp(event, "-")) {
			begin = atof(event);
			measure_event(row, log, begin);
		}
		measure(row, log, begin);
	}
	fclose(file);
	return count;
}
