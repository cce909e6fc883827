/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Samples of one thing measured again and again: the least, the most and the median.
 */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#define SAMPLES_MAX 101

struct samples {
	double value[SAMPLES_MAX];
	unsigned int count;
};

void samples_add(struct samples *samples, double value);
double samples_min(const struct samples *samples);
double samples_max(const struct samples *samples);
double samples_median(const struct samples *samples);

#endif
