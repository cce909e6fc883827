/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps: include/lb/abi.h tells what each holds, who writes it and how.
 *
 * Their sizes are set before loading, from the instance's limits; the figures
 * here are the smallest that load. Userspace pins them all.
 */
#ifndef LB_BPF_MAP_H
#define LB_BPF_MAP_H

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "lb/abi.h"
#include "lb/flow.h"

/* Set at load time, and constants to verifier and JIT. */
const volatile __u64 seed_words[2];
const volatile __u32 flow_buckets = 1;
const volatile __u64 tick_ns = 1000000;

#define LB_SHARED_ARRAY(name, record) \
	struct { \
		__uint(type, BPF_MAP_TYPE_ARRAY); \
		__uint(map_flags, BPF_F_MMAPABLE); \
		__uint(max_entries, 1); \
		__type(key, __u32); \
		__type(value, struct record); \
	} name SEC(".maps")

#define LB_COUNTER_ARRAY(name, record) \
	struct { \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); \
		__uint(max_entries, 1); \
		__type(key, __u32); \
		__type(value, struct record); \
	} name SEC(".maps")

struct lb_control control SEC(".data.control");

LB_SHARED_ARRAY(directory, lb_directory_entry);
LB_SHARED_ARRAY(services, lb_service);
LB_SHARED_ARRAY(slots, lb_slots);
LB_SHARED_ARRAY(backends, lb_backend);
LB_SHARED_ARRAY(flows, lb_bucket);
LB_SHARED_ARRAY(service_config, lb_service_config);
LB_SHARED_ARRAY(backend_config, lb_backend_config);
LB_COUNTER_ARRAY(traffic, lb_traffic);
LB_COUNTER_ARRAY(outcomes, lb_outcomes);

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u32);
} devices SEC(".maps");

/* Word by word: the compiler takes a volatile structure, copied whole, for its initial value. */
static __always_inline struct lb_seed seed(void)
{
	return (struct lb_seed){{seed_words[0], seed_words[1]}};
}

/* The flows' clock. */
static __always_inline __u64 now(void)
{
	return bpf_jiffies64() * tick_ns;
}

static __always_inline void *map_get(void *map, __u32 index)
{
	return bpf_map_lookup_elem(map, &index);
}

#endif
