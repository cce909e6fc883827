/* SPDX-License-Identifier: GPL-2.0-only */
/* Minimum, maximum and median of samples; 0 if there are none. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#define SAMPLES_MAX 101

struct samples {
	double value[SAMPLES_MAX];
	unsigned int count;
};

/* Ignores samples beyond SAMPLES_MAX. */
void samples_add(struct samples *samples, double value);
double samples_min(const struct samples *samples);
double samples_max(const struct samples *samples);
double samples_median(const struct samples *samples);

#endif
