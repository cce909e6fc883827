/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slow start: weight ramp of a new or recovered backend, because its caches are cold. The weight
 * factor grows linearly from 1/10 to 1 in 30 s.
 *
 * A slow start requires a warm backend in the same service, which takes the rest of the load. Warm
 * means in service for 30 s and with traffic. In a new pool no backend is warm, so all start
 * at full weight; otherwise the first one would get all of the load.
 *
 * Pure: owns nothing.
 */
#ifndef CONTROLLER_SLOW_START_H
#define CONTROLLER_SLOW_START_H

#include <linux/types.h>
#include <stdbool.h>

/* Returns lb_backend_config.slow_start_milli `elapsed_ms` after the start; 0 = ended. */
__u32 slow_start_milli(__u64 elapsed_ms);

/*
 * True if a backend has been in service for 30 s. `joined_ms` is lb_health_record.joined_ms; 0 =
 * before the first controller.
 */
bool slow_start_is_warm(__u64 joined_ms, __u64 now_ms);

#endif
