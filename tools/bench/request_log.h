/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run's requests took, as the asker has written it down: read as a mean, quantiles,
 * and the share of those that were answered in good time.
 *
 * A failed request is not good, and has no time.
 */
#ifndef BENCH_REQUEST_LOG_H
#define BENCH_REQUEST_LOG_H

#define REQUEST_LOG_GOOD_MS 100

struct request_log {
	unsigned int requests;
	unsigned int failed;
	double mean_ms, p50_ms, p99_ms;
	double good; /* part of all that were answered within REQUEST_LOG_GOOD_MS */
};

/* Of the requests that were due in this part of the run; ends this program if it cannot. */
struct request_log request_log_read(const char *path, double from_s, double to_s);

#endif
