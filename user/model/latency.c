// SPDX-License-Identifier: GPL-2.0-only
#include "model/latency.h"

#include <stdio.h>
#include <string.h>

#include "model/histogram.h"

struct latency_stats latency_stats(const struct lb_latency *latency)
{
	const struct lb_responses *responses = &latency->responses;
	struct latency_stats result = {.samples = histogram_count(responses)};

	if (!result.samples)
		return result;
	result.mean_us = (double)latency->sum_us / result.samples;
	result.p50_us = histogram_quantile_us(responses, 0.5);
	result.p99_us = histogram_quantile_us(responses, 0.99);
	return result;
}

void latency_since(struct lb_latency *window, const struct lb_latency *now,
		   const struct lb_latency *before)
{
	static const struct lb_latency none;

	if (now->sum_us < before->sum_us || now->sampled < before->sampled)
		before = &none;
	*window = (struct lb_latency){
		.sum_us = now->sum_us - before->sum_us,
		.begun = now->begun - before->begun,
		.answered = now->answered - before->answered,
		.refused = now->refused - before->refused,
		.broken = now->broken - before->broken,
		.sampled = now->sampled - before->sampled,
		.age = now->age - before->age,
	};
	histogram_since(&window->responses, &now->responses, &before->responses);
}

void latency_outstanding(const struct lb_timing *timings, __u64 now_ns,
			 struct latency_outstanding *waiting, __u32 count)
{
	memset(waiting, 0, count * sizeof(*waiting));
	for (__u32 i = 0; i < LB_TIMINGS; i++) {
		const struct lb_timing timing = timings[i]; /* packets write it concurrently */
		__u64 us = (now_ns - timing.since_ns) / 1000;

		if (!timing.waiting || timing.backend >= count || timing.since_ns > now_ns ||
		    us * 1000 > LB_WAIT_MAX_NS)
			continue;
		waiting[timing.backend].requests++;
		if (us > timing.round_trip_us)
			waiting[timing.backend].waited_us += us - timing.round_trip_us;
	}
}

const char *latency_format(const struct latency_stats *stats, double us,
			   char text[LATENCY_TEXT_BYTES])
{
	if (!stats->samples)
		snprintf(text, LATENCY_TEXT_BYTES, "-");
	else if (us < 999.5)
		snprintf(text, LATENCY_TEXT_BYTES, "%.0fus", us);
	else if (us < 999500)
		snprintf(text, LATENCY_TEXT_BYTES, us < 9950 ? "%.1fms" : "%.0fms", us / 1000);
	else
		snprintf(text, LATENCY_TEXT_BYTES, us < 9.95e6 ? "%.1fs" : "%.0fs", us / 1e6);
	return text;
}

void latency_describe(struct latency_stats latency, char *text, size_t size)
{
	char mean[LATENCY_TEXT_BYTES], p50[LATENCY_TEXT_BYTES], p99[LATENCY_TEXT_BYTES];

	snprintf(text, size, "mean %s, p50 %s, p99 %s, of %llu",
		 latency_format(&latency, latency.mean_us, mean),
		 latency_format(&latency, latency.p50_us, p50),
		 latency_format(&latency, latency.p99_us, p99), latency.samples);
}
