// SPDX-License-Identifier: GPL-2.0-only
#include "store/flow_clock.h"

#include <time.h>

#include "lb/flow.h"
#include "store/store.h"

__u32 flow_clock_now(const struct store *store)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((__u64)now.tv_sec * 1000000000 + now.tv_nsec + store->control->clock_offset_ns) >>
	       LB_TICK_SHIFT;
}
