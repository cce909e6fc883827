/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What latency feedback has come to for a backend, and from what: so that every change
 * of a weight can be explained, and a controller goes on where the last one ended.
 */
#ifndef LB_FEEDBACK_H
#define LB_FEEDBACK_H

#include <linux/types.h>

/*
 * feedback: ARRAY of max_backends, mapped by userspace, unread by packets. Written in place
 * under the lock by the controller. Starts at 0 when the id is taken into use.
 */
struct lb_feedback_record {
	__u64 measured_ns; /* CLOCK_MONOTONIC: when something was last known of its latency; 0 = never */
	__u64 since_ms; /* CLOCK_REALTIME: the reason is what it is */
	__u32 factor_milli; /* the factor, in 1/1000, as the law has it; 0 = none yet */
	__u32 target_milli; /* where it moves to */
	__u32 latency_us; /* from which it follows, and */
	__u32 samples; /* of how many answers, in half a second */
	__u8 reason; /* of user/feedback/law.h: enum feedback_reason, */
	__u8 signals; /* and FEEDBACK_FAILURES.. */
	__u8 zero0[6];
	__u64 zero1[3];
};

_Static_assert(sizeof(struct lb_feedback_record) == 64, "no padding");

#endif
