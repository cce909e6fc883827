/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Latency of each backend of a service in one step of the feedback law, from sampled requests,
 * failures, requests that still wait, and probes:
 *
 *     x = mean response time, the longest 5 % clipped
 *     a failure counts as a response of max(10 medians of x, 1 s)
 *     x = max(x, (waiting - 3 sqrt(waiting)) / rate of completions)
 *     x = (n x + (20 - n) probe * median(x / probe)) / 20, if n < 20 samples
 *
 * Failures count as slow responses, because a backend that fails fast must not look fast. The
 * third line is Little's law for a stalled server, which completes nothing; three standard
 * deviations of a Poisson count are allowed as noise. Probes are scaled to the response times
 * of the service, because a probe is a request of another kind.
 *
 * Pure: the caller owns the memory.
 */
#ifndef FEEDBACK_MEASURE_H
#define FEEDBACK_MEASURE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "feedback/lag.h"

/* Bits of measurement.signals: what contributed to the latency besides response times. */
#define FEEDBACK_FAILURES    (1U << 0) /* failures, counted as slow responses */
#define FEEDBACK_STALL	     (1U << 1) /* requests wait, and few are completed */
#define FEEDBACK_PROBES	     (1U << 2) /* probes, because there were few samples */
#define FEEDBACK_FEW_SAMPLES (1U << 3) /* few samples and no probe: the factor moves less */

/* The counters of a backend since the last step. */
struct feedback_window {
	__u32 weight_milli; /* configured or overridden */
	bool usable; /* ready and not down */
	__u64 samples; /* requests with a measured response time */
	double latency_us; /* their mean, the longest 5 % clipped (histogram_clipped_mean_us()) */
	__u64 failures; /* requests that failed */
	__u64 outstanding; /* requests that wait for a response now; 0 = unknown */
	__u64 completions; /* responses of the requests that `outstanding` counts */
	double probe_us; /* response time of the last probe; 0 = none */
	struct lag_ages ages; /* of the flows of sampled requests */
};

/* The result for one backend. */
struct measurement {
	double answer_us; /* from requests alone; 0 = unknown */
	double latency_us; /* with probes; 0 = unknown, or the backend is not usable */
	double evidence; /* number of samples that it is worth */
	__u32 signals; /* FEEDBACK_FAILURES.. */
};

/* Measures `count` backends over a period. `scratch` has room for as many values. */
void measure_latency(struct measurement *measurements, const struct feedback_window *windows,
		     double *scratch, size_t count, double period_us);

/* Returns the lower median of the values above 0; 0 if there are none. */
double median(const double *values, size_t count);

#endif
