/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's clocks, each in one unit. Monotonic time stops while the system is suspended,
 * boot time does not; real time is since 1970 UTC and can be set.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <linux/types.h>

__u64 clock_monotonic_ns(void);
__u64 clock_monotonic_ms(void);
__u64 clock_boottime_ns(void);
__u64 clock_realtime_ns(void);
__u64 clock_realtime_ms(void);

#endif
