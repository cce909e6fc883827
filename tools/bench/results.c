// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/process.h"
#include "request_log.h"
#include "results.h"

#define FOREVER_S 1e9

static void measure_event(struct result *result, const char *log, double event)
{
	struct request_log early = request_log_read(log, event, event + RESULTS_EARLY_S);
	struct request_log late = request_log_read(log, event + RESULTS_LATE_S, FOREVER_S);

	result->event = true;
	samples_add(&result->measured[EARLY_GOOD], early.good);
	samples_add(&result->measured[LATE_GOOD], late.good);
}

static void measure(struct result *result, const char *log, double begin)
{
	struct request_log request_log = request_log_read(log, begin, FOREVER_S);

	if (!request_log.requests)
		process_bail("%s: no requests", log);
	samples_add(&result->measured[MEAN_MS], request_log.mean_ms);
	samples_add(&result->measured[P50_MS], request_log.p50_ms);
	samples_add(&result->measured[P99_MS], request_log.p99_ms);
	samples_add(&result->measured[GOOD], request_log.good);
	samples_add(&result->measured[FAILED], (double)request_log.failed / request_log.requests);
}

/* The last result if it has these names, else a new one. */
static struct result *find_or_add_result(struct result *results, size_t *count,
					 const char *scenario, const char *policy)
{
	struct result *last = *count ? &results[*count - 1] : NULL;

	if (last && !strcmp(last->scenario, scenario) && !strcmp(last->policy, policy))
		return last;
	if (*count == RESULTS_MAX)
		process_bail("more than %d results", RESULTS_MAX);
	last = &results[(*count)++];
	snprintf(last->scenario, sizeof(last->scenario), "%s", scenario);
	snprintf(last->policy, sizeof(last->policy), "%s", policy);
	return last;
}

size_t results_read(struct result results[RESULTS_MAX], const char *path)
{
	char scenario[64], policy[32], event[32], log[PATH_MAX];
	FILE *file = fopen(path, "re");
	size_t count = 0;
	double begin;

	if (!file)
		process_bail("%s: %s", path, strerror(errno));
	while (fscanf(file, "%63s %31s %lf %31s %4095s", scenario, policy, &begin, event, log) ==
	       5) {
		struct result *result = find_or_add_result(results, &count, scenario, policy);

		if (strcmp(event, "-")) {
			begin = atof(event);
			measure_event(result, log, begin);
		}
		measure(result, log, begin);
	}
	fclose(file);
	return count;
}
