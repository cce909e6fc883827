/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Summary of a request log that open_loop_client wrote: mean and quantiles of the response
 * times, and the fraction of requests answered in time. Failed requests have no response time
 * and do not count as answered in time.
 */
#ifndef BENCH_REQUEST_LOG_H
#define BENCH_REQUEST_LOG_H

#define REQUEST_LOG_GOOD_MS 100

struct request_log {
	unsigned int requests;
	unsigned int failed;
	double mean_ms, p50_ms, p99_ms;
	double good; /* fraction answered within REQUEST_LOG_GOOD_MS */
};

/* Summarizes requests due between from_s and to_s; exits if the file cannot be read. */
struct request_log request_log_read(const char *path, double from_s, double to_s);

#endif
