// SPDX-License-Identifier: GPL-2.0-only
#include "base/clock.h"

#include <time.h>

#define NS_PER_MS 1000000ULL
#define NS_PER_S  1000000000ULL

static __u64 read_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

__u64 clock_monotonic_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

__u64 clock_monotonic_ms(void)
{
	return read_ns(CLOCK_MONOTONIC) / NS_PER_MS;
}

__u64 clock_boottime_ns(void)
{
	return read_ns(CLOCK_BOOTTIME);
}

__u64 clock_realtime_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}

__u64 clock_realtime_ms(void)
{
	return read_ns(CLOCK_REALTIME) / NS_PER_MS;
}
