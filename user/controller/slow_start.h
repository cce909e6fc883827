/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slow start: who came back, or joined others, gets less at first, for its caches are
 * empty and its connections few. The factor grows from a tenth to all in 30 s.
 *
 * That is for the sake of those who are there: it takes somebody warm, who has been in
 * service for as long as a slow start takes, and had traffic. In a pool that is being
 * built all are new alike, and whoever came first would have to bear everything.
 *
 * Pure: owns nothing.
 */
#ifndef CONTROLLER_SLOW_START_H
#define CONTROLLER_SLOW_START_H

#include <linux/types.h>
#include <stdbool.h>

/* For lb_backend_config.slow_start_milli, so long after it began; 0 = it is over. */
__u32 slow_start_milli(__u64 elapsed_ms);

/* Has a backend been in service for long, that joined then (lb_health_record.joined_ms)? */
bool slow_start_is_warm(__u64 joined_ms, __u64 now_ms);

#endif
