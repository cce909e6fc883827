/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mean and quantiles of a response-time histogram (include/lb/histogram.h).
 *
 * The datapath's buckets only grow; a window is the difference between two copies. Times are
 * assumed to be distributed evenly within a bucket. Without samples every time is 0.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_HISTOGRAM_H
#define MODEL_HISTOGRAM_H

#include "lb/histogram.h"

/* Computes the samples since `before`. A bucket that shrank was reset: all of it is new. */
void histogram_since(struct lb_responses *window, const struct lb_responses *now,
		     const struct lb_responses *before);

/* Adds the counts of another histogram, such as that of another CPU. */
void histogram_add(struct lb_responses *sum, const struct lb_responses *other);

__u64 histogram_count(const struct lb_responses *responses);

double histogram_mean_us(const struct lb_responses *responses);

/* Returns the time that a fraction of all (0 to 1) does not exceed; 0.5: the median. */
double histogram_quantile_us(const struct lb_responses *responses, double fraction);

/*
 * Returns the mean with the longest fraction (0.05: one of twenty) clipped to the longest time
 * of the others, so that rare long times move it little.
 */
double histogram_clipped_mean_us(const struct lb_responses *responses, double fraction);

#endif
