/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long does a backend take to answer? The time from a request to the first byte
 * of its answer, of some of the flows, for the scheduler that asks (lrt).
 *
 * A flow that is listened to is in a state of its own, so that its packets leave the
 * straight way of all others, which knows nothing of this. Its next request with
 * payload is timed, and the first reply with payload after that is the answer. One
 * of 16 flows is listened to for all of its life; any other, as soon as it is
 * established, for one answer, when its backend has not been heard of for a moment.
 * Of UDP the first request is timed as well, as often there is no second.
 *
 * Moments are kept in a small table: flows that fall on the same entry take it from
 * each other, and a sample is lost.
 */
#ifndef LB_BPF_LATENCY_H
#define LB_BPF_LATENCY_H

#include "load.h"
#include "packet.h"

#define TIMINGS		4096
#define LISTENED_SHIFT	60 /* of a hash: one of 16 */
#define UNHEARD_TICKS	1
#define RESPONSE_MAX_US 60000000U

struct timing {
	__u64 key; /* of the flow; 0 = none */
	__u64 since_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TIMINGS);
	__type(key, __u32);
	__type(value, struct timing);
} timings SEC(".maps");

static __always_inline __u64 key_hash(__u64 key)
{
	return (key ^ key >> 29) * 0x9e3779b97f4a7c15ULL;
}

static __always_inline struct timing *timing_of(__u64 key)
{
	return map_get(&timings, key_hash(key) >> 32 & (TIMINGS - 1));
}

/* Is a flow listened to for all of its life? */
static __always_inline bool latency_follows(__u64 key)
{
	return !(key_hash(key) >> LISTENED_SHIFT);
}

/* Or now, as its backend has not been heard of? */
static __always_inline bool latency_listens(__u64 key, __u32 backend, __u32 now)
{
	struct lb_load *load = load_get(load_owner(backend));

	return latency_follows(key) || (load && now - load->response_tick > UNHEARD_TICKS);
}

/* A request with payload came. A function of its own, verified once and seldom called. */
__noinline int latency_begin(__u64 key)
{
	struct timing *timing = timing_of(key);

	if (!timing)
		return -1;
	timing->since_ns = bpf_ktime_get_ns();
	timing->key = key;
	return 0;
}

/* An eighth of each new sample; after a long silence the sample alone. */
static __always_inline void smooth(__u32 *response_us, __u32 *tick, __u32 sample_us, __u32 now)
{
	__u64 before = *response_us;

	if (before && now - *tick < LB_RESPONSE_TICKS)
		sample_us = (before * 7 + sample_us + 4) >> 3;
	*response_us = sample_us;
	*tick = now;
}

/*
 * And its answer, unless that took so long that the request was of an earlier flow. What
 * two CPUs write at the same time, one of them has written in vain.
 */
__noinline int latency_end(__u64 key, __u32 backend_id, __u32 now, __u32 ticks)
{
	struct timing *timing = timing_of(key);
	__u32 id = load_owner(backend_id);
	struct lb_backend *backend = backend_get(id);
	struct lb_load *load = load_get(id);
	struct lb_service *service;
	__u64 ns, us;

	if (!timing || timing->key != key || !backend || !load)
		return -1;
	ns = bpf_ktime_get_ns() - timing->since_ns;
	timing->key = 0;
	if (ns >> LB_TICK_SHIFT > ticks)
		return 0;
	us = ns / 1000 + 1;
	if (us > RESPONSE_MAX_US)
		us = RESPONSE_MAX_US;
	smooth(&load->response_us, &load->response_tick, us, now);
	load->samples++;
	service = service_get(backend->service);
	if (service)
		smooth(&service->response_us, &service->response_tick, us, now);
	return 0;
}

/*
 * The first request of a flow that is remembered as new: of UDP, all of them are
 * payload.
 */
static __always_inline void latency_first(const struct packet *packet, __u64 key, __u32 id,
					  const struct lb_backend *backend)
{
	if (unlikely(backend->flags & LB_BACKEND_TIMED) && !packet->is_tcp &&
	    latency_listens(key, id, packet->now))
		latency_begin(key);
}

#endif
