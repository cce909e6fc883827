/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps, and access to their records. include/lb/ describes each map's content and writers.
 *
 * The loader sets their sizes from the instance's limits; the sizes here are the smallest that
 * load. Userspace pins all of them.
 *
 * A table that every packet reads (endpoints, services, backends, flows and the like) is a single
 * map value. The loader turns the map's symbol into the address of that value. Code then reaches
 * a record by an addition, without a call, and the verifier checks the index against the value's
 * size.
 */
#ifndef BPF_CORE_MAPS_H
#define BPF_CORE_MAPS_H

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "lb/abi.h"
#include "lb/flow.h"
#include "lb/fragment.h"
#include "lb/snat.h"

#define likely(condition)   __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* Set at load time; constants for the verifier and the JIT compiler. */
const volatile __u64 seed_words[2];
const volatile __u32 flow_buckets = 1;
const volatile __u32 client_buckets = 1;
const volatile __u32 max_services = 1;
const volatile __u32 max_backends = 1;
const volatile __u32 endpoints_length = 1;
const volatile __u32 snat_port_count = 1;
const volatile __u64 tick_ns = 1000000;
const volatile bool explaining = false; /* see observe/explain.h */

#define LB_SHARED_ARRAY(name, record) \
	struct { \
		__uint(type, BPF_MAP_TYPE_ARRAY); \
		__uint(map_flags, BPF_F_MMAPABLE); \
		__uint(max_entries, 1); \
		__type(key, __u32); \
		__type(value, struct record); \
	} name SEC(".maps")

struct lb_control control SEC(".data.control");

LB_SHARED_ARRAY(slots, lb_slots);
LB_SHARED_ARRAY(service_config, lb_service_config);
LB_SHARED_ARRAY(backend_config, lb_backend_config);
LB_SHARED_ARRAY(health, lb_health_record);
LB_SHARED_ARRAY(feedback, lb_feedback_record);
LB_SHARED_ARRAY(events, lb_event);
LB_SHARED_ARRAY(fragments, lb_fragments);
LB_SHARED_ARRAY(trace_filter, lb_trace_filter);

/* The value's size is set before loading. */
#define LB_SHARED_VALUE(name, least) \
	struct { \
		__uint(type, BPF_MAP_TYPE_ARRAY); \
		__uint(map_flags, BPF_F_MMAPABLE); \
		__uint(max_entries, 1); \
		__uint(key_size, sizeof(__u32)); \
		__uint(value_size, least); \
	} name SEC(".maps")

LB_SHARED_VALUE(endpoints, sizeof(struct lb_endpoint_entry));
LB_SHARED_VALUE(backends, sizeof(struct lb_backend));
LB_SHARED_VALUE(loads, sizeof(struct lb_load));
LB_SHARED_VALUE(services, sizeof(struct lb_service));
LB_SHARED_VALUE(flows, sizeof(struct lb_bucket));
LB_SHARED_VALUE(fingerprints, sizeof(struct lb_fingerprints));
LB_SHARED_VALUE(snat_ports, sizeof(struct lb_snat_entry));
LB_SHARED_VALUE(clients, sizeof(struct lb_client_bucket));
LB_SHARED_VALUE(cpus, sizeof(struct lb_cpu) + sizeof(struct lb_traffic));

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u32);
} devices SEC(".maps");

/* Word by word: the compiler would replace a copy of the whole structure by its initial value. */
static __always_inline struct lb_seed seed(void)
{
	return (struct lb_seed){{seed_words[0], seed_words[1]}};
}

/* The flow clock, in nanoseconds; its resolution is a jiffy. */
static __always_inline __u64 now(void)
{
	return bpf_jiffies64() * tick_ns;
}

static __always_inline __u32 current_tick(void)
{
	return now() >> LB_TICK_SHIFT;
}

static __always_inline void *map_get(void *map, __u32 index)
{
	return bpf_map_lookup_elem(map, &index);
}

/*
 * The record of a table at an index below the table's length. The first barrier keeps the compiler
 * from folding the index into the shift, where the verifier would lose its range. The second keeps
 * it from computing the address again for each field.
 */
static __always_inline void *record_at(void *table, __u64 index, __u64 bytes)
{
	void *record;

	barrier_var(index);
	record = table + index * bytes;
	barrier_var(record);
	if (!record)
		__builtin_unreachable();
	return record;
}

/*
 * The backend's record, or NULL for an id that is out of range. Id 0 has a record, which no backend
 * uses. The barrier makes the compiler use the same copy of the id here and in record_at().
 */
static __always_inline struct lb_backend *backend_get(__u32 id)
{
	barrier_var(id);
	if (id >= max_backends)
		return NULL;
	return record_at(&backends, id, sizeof(struct lb_backend));
}

/* Like backend_get(). */
static __always_inline struct lb_service *service_get(__u32 id)
{
	barrier_var(id);
	if (id >= max_services)
		return NULL;
	return record_at(&services, id, sizeof(struct lb_service));
}

static __always_inline struct lb_endpoint_entry *endpoint_get(__u32 index)
{
	if (index >= endpoints_length)
		return NULL;
	return record_at(&endpoints, index, sizeof(struct lb_endpoint_entry));
}

static __always_inline struct lb_snat_entry *snat_entry_get(__u32 index)
{
	barrier_var(index);
	if (index >= snat_port_count)
		return NULL;
	return record_at(&snat_ports, index, sizeof(struct lb_snat_entry));
}

static __always_inline struct lb_bucket *bucket_get(__u32 index)
{
	if (index >= flow_buckets)
		return NULL;
	return record_at(&flows, index, sizeof(struct lb_bucket));
}

static __always_inline struct lb_fingerprints *fingerprints_get(__u32 index)
{
	return record_at(&fingerprints, index, sizeof(struct lb_fingerprints));
}

/* The record of the CPU that runs the program; NULL only in case of a bug. */
static __always_inline struct lb_cpu *this_cpu(void)
{
	return map_get(&cpus, bpf_get_smp_processor_id());
}

/* The slot table that a service uses; NULL only in case of a bug. */
static __always_inline const struct lb_slots *slot_table(const struct lb_service *service)
{
	return map_get(&slots, service->slots);
}

#endif
