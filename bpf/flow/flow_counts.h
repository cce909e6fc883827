/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flow counts: the exact number of each backend's flows, for schedulers and limits that need it.
 *
 * A counted flow has LB_FLOW_COUNTED in its data. A backend's count is the number of entries with
 * its id and that bit, whatever their key is. Atomic operations on the data set and clear the bit,
 * and the one that succeeds adjusts the count. So the count stays exact however many CPUs write.
 *
 * A new flow gets the bit if its backend is counted. Older flows get it from userspace, or from
 * their next packet that updates the entry. The sweep clears it from flows that became idle.
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

/* The backend that a backend's flows count for: itself, or the one that it is an alias of. */
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

/* Adjusts the count after a flow's data was replaced by data of the same backend. */
static __always_inline void load_update(__u64 before, __u64 after)
{
	if ((before ^ after) & LB_FLOW_COUNTED)
		load_add(lb_flow_backend(before), after & LB_FLOW_COUNTED ? 1 : -1);
}

/*
 * Ends the count of an entry's former flow, for a caller that has claimed the entry. Global
 * function: verified once, and called only for flows that were counted.
 */
__noinline int load_release(struct lb_flow *flow)
{
	if (!flow)
		return -1;
	load_update(__sync_lock_test_and_set(&flow->data, 0), 0);
	return 0;
}

/* True if flows of the backend are counted. */
static __always_inline bool backend_is_counted(const struct lb_backend *backend)
{
	return unlikely(*(volatile __u32 *)&backend->flags & LB_BACKEND_COUNTED);
}

#endif
