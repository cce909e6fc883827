// SPDX-License-Identifier: GPL-2.0-only
#include "model/histogram.h"

void histogram_since(struct lb_responses *window, const struct lb_responses *now,
		     const struct lb_responses *before)
{
	for (__u32 i = 0; i < LB_RESPONSE_BUCKETS; i++) {
		__u32 more = now->count[i] - before->count[i];

		window->count[i] = more >> 31 ? now->count[i] : more;
	}
}

void histogram_add(struct lb_responses *sum, const struct lb_responses *other)
{
	for (__u32 i = 0; i < LB_RESPONSE_BUCKETS; i++)
		sum->count[i] += other->count[i];
}

__u64 histogram_count(const struct lb_responses *responses)
{
	__u64 count = 0;

	for (__u32 i = 0; i < LB_RESPONSE_BUCKETS; i++)
		count += responses->count[i];
	return count;
}

/* Returns the time at a position within a bucket, from 0 (start) to 1 (end). */
static double time_us(__u32 bucket, double position)
{
	double from = lb_response_min_us(bucket);

	return from + (lb_response_min_us(bucket + 1) - from) * position;
}

/* Returns the mean of the shortest `fraction` (0 to 1) of all; *max_us is the longest of these. */
static double mean_of_shortest(const struct lb_responses *responses, double fraction,
			       double *max_us)
{
	double left = histogram_count(responses) * fraction, wanted = left, sum = 0;

	*max_us = 0;
	for (__u32 i = 0; i < LB_RESPONSE_BUCKETS && left > 0; i++) {
		double count = responses->count[i];
		double used = count < left ? count : left;

		if (!responses->count[i])
			continue;
		*max_us = time_us(i, used / count);
		sum += used * time_us(i, used / count / 2);
		left -= used;
	}
	return wanted > 0 ? sum / wanted : 0;
}

double histogram_mean_us(const struct lb_responses *responses)
{
	double max_us;

	return mean_of_shortest(responses, 1, &max_us);
}

double histogram_quantile_us(const struct lb_responses *responses, double fraction)
{
	double max_us;

	mean_of_shortest(responses, fraction, &max_us);
	return max_us;
}

double histogram_clipped_mean_us(const struct lb_responses *responses, double fraction)
{
	double max_us;
	double mean_us = mean_of_shortest(responses, 1 - fraction, &max_us);

	return mean_us * (1 - fraction) + max_us * fraction;
}
