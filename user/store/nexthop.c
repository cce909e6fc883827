// SPDX-License-Identifier: GPL-2.0-only
/* The store's next hops of backends, which packets read and write as well. */
#include "store/flow_table.h"
#include "store/store.h"

void store_nexthop_write(struct store *store, __u32 backend, const struct route_nexthop *hop)
{
	struct lb_backend *record = &store->backends[backend];
	__u16 tick = flow_clock_now(store);
	__u64 device = (__u64)hop->mtu << 48 | (__u64)hop->ifindex << 16 | tick;

	__atomic_store_n(&record->nexthop_dst_mac, hop->to << 16 | tick, __ATOMIC_RELAXED);
	__atomic_store_n(&record->nexthop_src_mac, hop->from << 16 | tick, __ATOMIC_RELAXED);
	__atomic_store_n(&record->nexthop_device, device, __ATOMIC_RELAXED);
}

void store_nexthop_invalidate(struct store *store, __u32 backend)
{
	struct lb_backend *record = &store->backends[backend];
	__u64 to = __atomic_load_n(&record->nexthop_dst_mac, __ATOMIC_RELAXED);

	__atomic_store_n(&record->nexthop_src_mac, ~to & 0xffff, __ATOMIC_RELAXED);
}
