/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slow start: who came back, or joined others, gets less at first, for its caches are
 * empty and its connections few. The factor grows from a tenth to all in 30 s.
 *
 * Pure: owns nothing.
 */
#ifndef SLOW_START_H
#define SLOW_START_H

#include <linux/types.h>

/* For lb_backend_config.slow_start_milli, so long after it began; 0 = it is over. */
__u32 slow_start_milli(__u64 elapsed_ms);

#endif
