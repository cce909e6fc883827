/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vitals: what is known of backends' health beside what follows from it.
 */
#ifndef LB_HEALTH_H
#define LB_HEALTH_H

#include <linux/types.h>

#include "lb/limits.h"

/*
 * health: ARRAY of max_backends, mapped by userspace, unread by packets. What is known of
 * the health of each backend, from which its health in the configuration follows.
 * Written in place under the lock, and so by whoever probes: a writer that is killed leaves
 * one answer half counted at the most. Starts at 0 when the id is taken into use.
 */
struct lb_health_record {
	/* CLOCK_REALTIME, to be shown. */
	__u64 probed_ms; /* the last probe ended; 0 = there was none */
	__u64 changed_ms; /* health became what it is */
	/* CLOCK_MONOTONIC, to reckon with. */
	__u64 changed_mono_ms; /* the same */
	__u64 streak_ms; /* the first probe of the streak began */
	__u64 penalty_ms; /* the penalty was as it stands here */
	__u64 slow_start_ms; /* slow start began; 0 = it is not in one */
	__u64 joined_ms; /* a controller saw it come into service; 0 = long ago, or none did */
	__u64 probes; /* all */
	__u64 failures; /* those that failed */
	__u32 streak; /* probes in a row that ended like the last */
	__u32 penalty; /* for flapping; see user/controller/health.h */
	__u32 first_byte_us; /* of the last that passed; 0 = there was none */
	__u32 total_us; /* of the last probe */
	__u8 passed; /* the last probe did */
	__u8 flapping;
	__u8 zero0[6];
	char reason[LB_REASON_BYTES]; /* of the last probe's end, in words */
};

_Static_assert(sizeof(struct lb_health_record) == 192, "no padding");

#endif
