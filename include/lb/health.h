/* SPDX-License-Identifier: GPL-2.0-only */
/* Health record of a backend: results of its checks, from which its health follows. */
#ifndef LB_HEALTH_H
#define LB_HEALTH_H

#include <linux/types.h>

#include "lb/limits.h"

/*
 * health: ARRAY of max_backends, mapped by userspace, unread by packets. lb_backend_config.health
 * follows from it. The probing process writes it in place, under the lock; if it is killed, at most
 * one result is half counted. Zeroed when an id is taken into use.
 */
struct lb_health_record {
	/* CLOCK_REALTIME, for display. */
	__u64 probed_ms; /* end of the last probe; 0 = none */
	__u64 changed_ms; /* last change of health */
	/* CLOCK_MONOTONIC, for computation. */
	__u64 changed_mono_ms; /* the same */
	__u64 streak_ms; /* start of the streak's first probe */
	__u64 penalty_ms; /* when `penalty` was computed */
	__u64 slow_start_ms; /* start of the slow start; 0 = none */
	__u64 joined_ms; /* when a controller saw it enter service; 0 = long ago, or not seen */
	__u64 probes; /* number of all probes */
	__u64 failures; /* number of failed probes */
	__u32 streak; /* consecutive probes with the result of the last one */
	__u32 penalty; /* for flapping; see user/controller/health.h */
	__u32 first_byte_us; /* of the last probe that passed; 0 = none */
	__u32 total_us; /* of the last probe */
	__u8 passed; /* result of the last probe */
	__u8 flapping;
	__u8 zero0[6];
	char reason[LB_REASON_BYTES]; /* for the last probe's result, as text */
};

_Static_assert(sizeof(struct lb_health_record) == 192, "no padding");

#endif
