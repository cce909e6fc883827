// SPDX-License-Identifier: GPL-2.0-only
#include "controller/slow_start.h"

#define DURATION_MS 30000
#define MIN_MILLI   100

bool slow_start_is_warm(__u64 joined_ms, __u64 now_ms)
{
	return !joined_ms || now_ms - joined_ms >= DURATION_MS;
}

__u32 slow_start_milli(__u64 elapsed_ms)
{
	__u64 milli = elapsed_ms * 1000 / DURATION_MS;

	if (milli >= 1000)
		return 0;
	return milli < MIN_MILLI ? MIN_MILLI : milli;
}
