/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Latency figures of a backend: response times and outstanding requests.
 *
 * A window is the difference between two copies of the datapath's counters.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_LATENCY_H
#define MODEL_LATENCY_H

#include <stddef.h>

#include "lb/latency.h"

#define LATENCY_TEXT_BYTES 16

/* Without samples all times are 0. */
struct latency_stats {
	double mean_us;
	double p50_us;
	double p99_us;
	__u64 samples;
};

/* Requests that wait for a backend's response. */
struct latency_outstanding {
	__u32 requests;
	__u64 waited_us; /* sum of their waiting times, without the clients' round trips */
};

struct latency_stats latency_stats(const struct lb_latency *latency);

/* Computes the counters since `before`; all of `now` if they were reset in between. */
void latency_since(struct lb_latency *window, const struct lb_latency *now,
		   const struct lb_latency *before);

/*
 * Sums per backend id, below `count`, the requests that wait at `now_ns` (CLOCK_MONOTONIC) in
 * a table of LB_TIMINGS entries. Entries older than LB_WAIT_MAX_NS are ignored as lost.
 */
void latency_outstanding(const struct lb_timing *timings, __u64 now_ns,
			 struct latency_outstanding *waiting, __u32 count);

/* "850us", "5.1ms", "2.4s"; "-" without samples. Returns the text. */
const char *latency_format(const struct latency_stats *stats, double us,
			   char text[LATENCY_TEXT_BYTES]);

/* Writes all figures as a phrase. */
void latency_describe(struct latency_stats latency, char *text, size_t size);

#endif
