/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Histograms of response times: what packets have counted (include/lb/histogram.h), read
 * as a mean or a quantile.
 *
 * The kernel's buckets only grow; a window is what came between two copies. Times are taken
 * to lie evenly over their bucket. Of nothing at all, every time is 0. Pure: owns nothing.
 */
#ifndef MODEL_HISTOGRAM_H
#define MODEL_HISTOGRAM_H

#include "lb/histogram.h"

/* What came after `before`. A bucket that shrank was begun anew, and all of it came. */
void histogram_since(struct lb_responses *window, const struct lb_responses *now,
		     const struct lb_responses *before);

/* Adds another one's counts, as of another processor, backend or window. */
void histogram_add(struct lb_responses *sum, const struct lb_responses *other);

__u64 histogram_count(const struct lb_responses *responses);

double histogram_mean_us(const struct lb_responses *responses);

/* The time that so much of all (0..1) does not exceed: 0.5 is the median. */
double histogram_quantile_us(const struct lb_responses *responses, double fraction);

/*
 * The mean, with the top part (0.05: of twenty the longest) counted as if it had taken
 * no longer than all others did: what is rare and long moves it little.
 */
double histogram_clipped_mean_us(const struct lb_responses *responses, double fraction);

#endif
