/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Latency-feedback record of a backend: the factor, and the measurements that it follows from. It
 * explains every change of a weight, and a new controller continues from it.
 */
#ifndef LB_FEEDBACK_H
#define LB_FEEDBACK_H

#include <linux/types.h>

/*
 * feedback: ARRAY of max_backends, mapped by userspace, unread by packets. The controller writes it
 * in place, under the lock. Zeroed when an id is taken into use.
 */
struct lb_feedback_record {
	__u64 measured_ns; /* CLOCK_MONOTONIC of the last measurement; 0 = never */
	__u64 since_ms; /* CLOCK_REALTIME of the last change of `reason` */
	__u32 factor_milli; /* factor by the control law, in 1/1000; 0 = none yet */
	__u32 target_milli; /* target of the factor, in 1/1000 */
	__u32 latency_us; /* from which the target follows, */
	__u32 samples; /* and number of answers measured, in half a second */
	__u8 reason; /* enum feedback_reason of user/feedback/law.h, */
	__u8 signals; /* and FEEDBACK_FAILURES.. */
	__u8 zero0[6];
	__u64 zero1[3];
};

_Static_assert(sizeof(struct lb_feedback_record) == 64, "no padding");

#endif
