/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by slow_server and open_loop_client: message size, clock, random times, file limit. */
#ifndef BENCH_BENCH_NET_H
#define BENCH_BENCH_NET_H

#include <linux/types.h>
#include <math.h>
#include <sys/resource.h>
#include <time.h>

#include "core/prng.h"

#define BENCH_MESSAGE_BYTES 8 /* of a request, and of its response */

static inline __u64 bench_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* A sample of the exponential distribution. */
static inline double bench_exponential(struct prng *prng, double mean)
{
	return -mean * log(((prng_next(prng) >> 11) + 1) / 9007199254740992.0);
}

/* Raises the limit of open files to the hard limit. */
static inline void bench_raise_file_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

#endif
