/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Response times of backends, as measured on packets, and outcomes of connection attempts.
 * bpf/flow/latency_sampling.h describes the measurement.
 */
#ifndef LB_LATENCY_H
#define LB_LATENCY_H

#include <linux/types.h>

#include "lb/histogram.h"

#define LB_TIMINGS 4096U

/* A request that waits longer is abandoned. */
#define LB_WAIT_MAX_NS 60000000000ULL

/*
 * responses: ARRAY of 1, mapped by userspace: an array by backend id. Userspace zeroes a record
 * before its id is published. Packets write it while the backend's flags have LB_BACKEND_TIMED: all
 * but the two ticks by atomic addition. With LB_BACKEND_PASSIVE_CHECK alone they write only
 * `begun`, `answered` and `refused`. Counts only grow; a window is the difference of two copies
 * (user/model/latency.h).
 */
struct lb_latency {
	struct lb_responses responses;
	__u64 sum_us; /* sum of all response times */
	__u32 begun; /* flows with an observable first answer; */
	__u32 answered; /* of these, flows that the backend answered, */
	__u32 refused; /* and flows that it reset instead; the rest got no answer */
	__u32 broken; /* sampled requests that the backend ended without an answer */
	__u32 tick; /* of the last sampled request */
	__u32 tick_samples; /* requests sampled in that tick */
	__u64 sampled; /* sampled requests, with or without a response time, */
	__u64 age; /* and sum of their flows' ages then, in LB_CREATED_NS */
	__u64 zero[2];
};

/*
 * timings: ARRAY of LB_TIMINGS, mapped by userspace: timestamps of sampled flows, by a hash of the
 * flow. Flows with the same index replace each other, unless a request is waiting. If two CPUs
 * write at once, a sample is lost or wrong.
 */
struct lb_timing {
	__u64 key; /* of the flow; 0 = none */
	__u64 since_ns; /* CLOCK_MONOTONIC: when the request, or the SYN, went to the backend */
	__u32 sequence; /* TCP: of the byte after the request's payload, */
	__u32 acknowledged; /* and the request's acknowledgement number */
	__u32 round_trip_us; /* one-way forwarding: to the client and back; 0 = unknown */
	__u16 backend;
	__u8 packets; /* since the last answer */
	__u8 waiting : 1; /* for an answer */
	__u8 answered : 1; /* an earlier request was */
	__u8 zero : 6;
};

_Static_assert(sizeof(struct lb_latency) == 1536, "lb_latency are 24 cache lines");
_Static_assert(sizeof(struct lb_timing) == 32, "two timings a cache line");

#endif
