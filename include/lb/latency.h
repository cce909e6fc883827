/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long backends take to answer, as packets have timed it, and what became of those
 * whom they did not answer. See bpf/flow/latency_sampling.h for what is timed.
 */
#ifndef LB_LATENCY_H
#define LB_LATENCY_H

#include <linux/types.h>

#include "lb/histogram.h"

#define LB_TIMINGS 4096U

/* A request that waits for longer is no longer waited for. */
#define LB_WAIT_MAX_NS 60000000000ULL

/*
 * responses: ARRAY of 1, mapped by userspace: an array by backend id. Userspace starts all at
 * 0 before an id is published, and packets write it while the backend's flags have
 * LB_BACKEND_TIMED: all but the last two by atomic addition. With LB_BACKEND_PASSIVE_CHECK only
 * `begun`, `answered` and `refused` are written. All of it only grows, and a window is the
 * difference of two copies (user/model/latency.h).
 */
struct lb_latency {
	struct lb_responses responses;
	__u64 sum_us; /* of all of them */
	__u32 begun; /* flows, of those whose first answer can be seen; */
	__u32 answered; /* of these, flows that the backend answered at all, */
	__u32 refused; /* and those that it reset instead; what is left is silence */
	__u32 broken; /* timed requests that the backend ended without an answer */
	__u32 tick; /* of the last request that was timed */
	__u32 tick_samples; /* requests in that tick */
	__u64 sampled; /* requests that were timed, whether or not an answer told when, */
	__u64 age; /* and how old their flows were then, in LB_CREATED_NS, all together */
	__u64 zero[2];
};

/*
 * timings: ARRAY of LB_TIMINGS, mapped by userspace: moments of flows that are listened to, by
 * a hash of the flow. Flows that fall on the same entry take it from each other, unless a
 * request is waiting. Two CPUs may write at once: then a sample is lost, or wrong.
 */
struct lb_timing {
	__u64 key; /* of the flow; 0 = none */
	__u64 since_ns; /* CLOCK_MONOTONIC: when the request went to the backend, or the SYN */
	__u32 sequence; /* of TCP: behind the request's payload, */
	__u32 acknowledged; /* and what its client had of the backend's */
	__u32 round_trip_us; /* of whom the backend answers past us: client and back; 0 = not known */
	__u16 backend;
	__u8 packets; /* since the last answer */
	__u8 waiting : 1; /* for an answer */
	__u8 answered : 1; /* something before */
	__u8 zero : 6;
};

_Static_assert(sizeof(struct lb_latency) == 1536, "lb_latency are 24 cache lines");
_Static_assert(sizeof(struct lb_timing) == 32, "two timings a cache line");

#endif
