// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request_log.h"
#include "rig/process.h"

/* The times of those that were answered. */
struct times {
	double *ms;
	size_t count, room;
};

static void add(struct times *times, double ms)
{
	if (times->count == times->room) {
		times->room = times->room ? times->room * 2 : 4096;
		times->ms = realloc(times->ms, times->room * sizeof(*times->ms));
		if (!times->ms)
			process_bail("out of memory");
	}
	times->ms[times->count++] = ms;
}

static int by_value(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static double quantile(const struct times *sorted, double part)
{
	return sorted->count ? sorted->ms[(size_t)((sorted->count - 1) * part)] : 0;
}

static void sum_up(struct answers *answers, const struct times *times)
{
	double sum = 0;
	size_t good = 0;

	qsort(times->ms, times->count, sizeof(*times->ms), by_value);
	for (size_t i = 0; i < times->count; i++) {
		sum += times->ms[i];
		good += times->ms[i] <= ANSWERS_GOOD_MS;
	}
	answers->mean_ms = times->count ? sum / times->count : 0;
	answers->p50_ms = quantile(times, .5);
	answers->p99_ms = quantile(times, .99);
	answers->good = answers->asked ? (double)good / answers->asked : 0;
}

struct answers answers_read(const char *path, double from_s, double to_s)
{
	struct answers answers = {0};
	struct times times = {0};
	FILE *file = fopen(path, "re");
	double due_us, took_us;

	if (!file)
		process_bail("%s: %s", path, strerror(errno));
	while (fscanf(file, "%lf %lf", &due_us, &took_us) == 2) {
		if (due_us < from_s * 1e6 || due_us >= to_s * 1e6)
			continue;
		answers.asked++;
		if (took_us < 0)
			answers.failed++;
		else
			add(&times, took_us / 1000);
	}
	fclose(file);
	if (times.count)
		sum_up(&answers, &times);
	free(times.ms);
	return answers;
}
