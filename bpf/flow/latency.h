/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Latency records: timestamps of sampled flows (bpf/flow/latency_sampling.h), and each backend's
 * histogram of response times.
 *
 * One of 64 flows is always sampled. Each backend's requests are sampled too until SAMPLES_PER_TICK
 * of them in a tick (0.27 s). So few and busy flows are sampled as well as many.
 */
#ifndef BPF_FLOW_LATENCY_H
#define BPF_FLOW_LATENCY_H

#include "flow/flow_counts.h"
#include "lb/latency.h"

#define ALWAYS_SAMPLED_SHIFT 58 /* of a hash: one of 64 */
#define SAMPLES_PER_TICK     16

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, LB_TIMINGS);
	__type(key, __u32);
	__type(value, struct lb_timing);
} timings SEC(".maps");

LB_SHARED_VALUE(responses, sizeof(struct lb_latency));

/* Like load_get(). */
static __always_inline struct lb_latency *latency_get(__u32 id)
{
	barrier_var(id);
	if (id >= max_backends)
		return NULL;
	return record_at(&responses, id, sizeof(struct lb_latency));
}

static __always_inline __u64 key_hash(__u64 key)
{
	return (key ^ key >> 29) * 0x9e3779b97f4a7c15ULL;
}

static __always_inline struct lb_timing *timing_of(__u64 key)
{
	return map_get(&timings, key_hash(key) >> 32 & (LB_TIMINGS - 1));
}

/* True if the flow is to be sampled now. */
static __always_inline bool latency_should_sample(const struct lb_latency *latency, __u64 key,
						  __u32 now)
{
	return !(key_hash(key) >> ALWAYS_SAMPLED_SHIFT) || latency->tick != now ||
	       latency->tick_samples < SAMPLES_PER_TICK;
}

/* Counts a sampled request of the backend, of a flow with this age. */
static __always_inline void latency_count_request(struct lb_latency *latency, __u32 age, __u32 now)
{
	__sync_fetch_and_add(&latency->sampled, 1);
	__sync_fetch_and_add(&latency->age, age);
	if (latency->tick != now) {
		latency->tick = now;
		latency->tick_samples = 0;
	}
	latency->tick_samples++;
}

/* Moving average: an eighth of each new sample; after LB_RESPONSE_TICKS without one, it alone. */
static __always_inline void smooth(__u32 *response_us, __u32 *tick, __u32 sample_us, __u32 now)
{
	__u64 before = *response_us;

	if (before && now - *tick < LB_RESPONSE_TICKS)
		sample_us = (before * 7 + sample_us + 4) >> 3;
	*response_us = sample_us;
	*tick = now;
}

/* The backend's smoothed response time; 0 if unknown. */
static __always_inline __u32 latency_smoothed_us(__u32 id)
{
	struct lb_load *load = load_get(id);

	return load ? load->response_us : 0;
}

/* For the lrt scheduler. Without a lock: of samples that two CPUs write at once, one is lost. */
static __always_inline void update_smoothed(__u32 id, __u32 us, __u32 now)
{
	struct lb_backend *backend = backend_get(id);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	struct lb_load *load = load_get(id);

	if (load)
		smooth(&load->response_us, &load->response_tick, us, now);
	if (service)
		smooth(&service->response_us, &service->response_tick, us, now);
}

/* Counts a response time. */
static __always_inline void latency_count(struct lb_latency *latency, __u32 id, __u32 us, __u32 now)
{
	__u32 bucket = lb_response_bucket(us);

	__sync_fetch_and_add(&latency->sum_us, us);
	barrier_var(bucket);
	if (bucket < LB_RESPONSE_BUCKETS)
		__sync_fetch_and_add(&latency->responses.count[bucket], 1);
	update_smoothed(id, us, now);
}

#endif
