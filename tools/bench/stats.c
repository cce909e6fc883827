// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "stats.h"

void samples_add(struct samples *samples, double value)
{
	if (samples->count < SAMPLES_MAX)
		samples->value[samples->count++] = value;
}

double samples_min(const struct samples *samples)
{
	double least = samples->count ? samples->value[0] : 0;

	for (unsigned int i = 1; i < samples->count; i++)
		if (samples->value[i] < least)
			least = samples->value[i];
	return least;
}

double samples_max(const struct samples *samples)
{
	double most = samples->count ? samples->value[0] : 0;

	for (unsigned int i = 1; i < samples->count; i++)
		if (samples->value[i] > most)
			most = samples->value[i];
	return most;
}

static int compare_values(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

double samples_median(const struct samples *samples)
{
	struct samples sorted = *samples;
	unsigned int middle = sorted.count / 2;

	if (!sorted.count)
		return 0;
	qsort(sorted.value, sorted.count, sizeof(sorted.value[0]), compare_values);
	if (sorted.count % 2)
		return sorted.value[middle];
	return (sorted.value[middle - 1] + sorted.value[middle]) / 2;
}
