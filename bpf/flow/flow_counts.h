/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How much has a backend to do? The number of its flows, for schedulers that ask.
 *
 * A flow that is counted bears a mark in its data, and a backend's count is the
 * number of places with its id and the mark, whatever their key is. Marks are set and
 * cleared by atomic operations on the data, whose winner adjusts the count: so it
 * is exact, whoever writes at the same time. New flows are marked if their backend
 * is to be counted; those that were there before, by userspace or with their next
 * packet that is written. What nobody ends, as it just fell silent, the sweep does.
 */
#ifndef BPF_FLOW_FLOW_COUNTS_H
#define BPF_FLOW_FLOW_COUNTS_H

#include "core/maps.h"

static __always_inline struct lb_load *load_get(__u32 id)
{
	barrier_var(id);
	if (id >= max_backends)
		return NULL;
	return record_at(&loads, id, sizeof(struct lb_load));
}

/* Whose load a backend's flows are: its own, or of whom it is the deputy. */
static __always_inline __u32 load_owner(__u32 backend)
{
	struct lb_load *load = load_get(backend);

	return load && load->alias_of ? load->alias_of : backend;
}

static __always_inline void load_add(__u32 id, __s32 change)
{
	__u32 backend = load_owner(id);
	struct lb_load *load = load_get(backend);
	struct lb_backend *record = backend_get(backend);
	struct lb_service *service = record ? service_get(record->service) : NULL;

	if (load)
		__sync_fetch_and_add(&load->flows, change);
	if (service)
		__sync_fetch_and_add(&service->flows, change);
}

/* A flow has marked or unmarked data now, where it had other. */
static __always_inline void load_update(__u64 before, __u64 after)
{
	if ((before ^ after) & LB_FLOW_COUNTED)
		load_add(lb_flow_backend(before), after & LB_FLOW_COUNTED ? 1 : -1);
}

/*
 * Ends the count of what a place held, for whoever has claimed it. A function of its
 * own, verified once and called only where somebody was counted.
 */
__noinline int load_release(__u32 index, __u32 entry)
{
	struct lb_bucket *bucket = bucket_get(index);
	struct lb_flow *flow;

	if (!bucket)
		return -1;
	flow = &bucket->flow[entry & (LB_BUCKET_FLOWS - 1)];
	load_update(__sync_lock_test_and_set(&flow->data, 0), 0);
	return 0;
}

/* Is a flow with the backend to be marked? */
static __always_inline bool backend_is_counted(const struct lb_backend *backend)
{
	return unlikely(*(volatile __u32 *)&backend->flags & LB_BACKEND_COUNTED);
}

#endif
