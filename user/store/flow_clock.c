// SPDX-License-Identifier: GPL-2.0-only
#include "store/flow_clock.h"

#include "base/clock.h"
#include "lb/flow.h"
#include "store/store.h"

__u32 flow_clock_now(const struct store *store)
{
	return (clock_monotonic_ns() + store->control->clock_offset_ns) >> LB_TICK_SHIFT;
}
