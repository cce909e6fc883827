// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/process.h"
#include "request_log.h"

/* Response times of answered requests. */
struct times {
	double *ms;
	size_t count, capacity;
};

static void add(struct times *times, double ms)
{
	if (times->count == times->capacity) {
		times->capacity = times->capacity ? times->capacity * 2 : 4096;
		times->ms = realloc(times->ms, times->capacity * sizeof(*times->ms));
		if (!times->ms)
			process_bail("out of memory");
	}
	times->ms[times->count++] = ms;
}

static int compare_values(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static double quantile(const struct times *sorted, double part)
{
	return sorted->count ? sorted->ms[(size_t)((sorted->count - 1) * part)] : 0;
}

static void sum_up(struct request_log *request_log, const struct times *times)
{
	double sum = 0;
	size_t good = 0;

	qsort(times->ms, times->count, sizeof(*times->ms), compare_values);
	for (size_t i = 0; i < times->count; i++) {
		sum += times->ms[i];
		good += times->ms[i] <= REQUEST_LOG_GOOD_MS;
	}
	request_log->mean_ms = times->count ? sum / times->count : 0;
	request_log->p50_ms = quantile(times, .5);
	request_log->p99_ms = quantile(times, .99);
	request_log->good = request_log->requests ? (double)good / request_log->requests : 0;
}

struct request_log request_log_read(const char *path, double from_s, double to_s)
{
	struct request_log request_log = {0};
	struct times times = {0};
	FILE *file = fopen(path, "re");
	double due_us, took_us;

	if (!file)
		process_bail("%s: %s", path, strerror(errno));
	while (fscanf(file, "%lf %lf", &due_us, &took_us) == 2) {
		if (due_us < from_s * 1e6 || due_us >= to_s * 1e6)
			continue;
		request_log.requests++;
		if (took_us < 0)
			request_log.failed++;
		else
			add(&times, took_us / 1000);
	}
	fclose(file);
	if (times.count)
		sum_up(&request_log, &times);
	free(times.ms);
	return request_log;
}
