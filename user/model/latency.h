/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What packets have timed of a backend, in figures: how long its answers take, and what
 * waits for one right now.
 *
 * A window is what came between two copies of what packets have counted. Pure: owns nothing.
 */
#ifndef MODEL_LATENCY_H
#define MODEL_LATENCY_H

#include <stddef.h>

#include "lb/latency.h"

#define LATENCY_TEXT_BYTES 16

/* Of no samples, all times are 0. */
struct latency_stats {
	double mean_us;
	double p50_us;
	double p99_us;
	__u64 samples;
};

/* Requests that a backend has not answered yet. */
struct latency_outstanding {
	__u32 requests;
	__u64 waited_us; /* all of them together so far, without their clients' round trips */
};

struct latency_stats latency_stats(const struct lb_latency *latency);

/* What came after `before`; all, if it was begun anew in between. */
void latency_since(struct lb_latency *window, const struct lb_latency *now,
		   const struct lb_latency *before);

/*
 * Adds up by backend id, below `count`, what waits at the time `now_ns` (CLOCK_MONOTONIC) in
 * a table of LB_TIMINGS; what does for longer than LB_WAIT_MAX_NS has been forgotten.
 */
void latency_outstanding(const struct lb_timing *timings, __u64 now_ns,
			 struct latency_outstanding *waiting, __u32 count);

/* "850us", "5.1ms", "2.4s"; "-" where nothing was timed. Returns the text. */
const char *latency_format(const struct latency_stats *stats, double us,
			   char text[LATENCY_TEXT_BYTES]);

/* All of them, in words. */
void latency_describe(struct latency_stats latency, char *text, size_t size);

#endif
