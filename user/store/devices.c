// SPDX-License-Identifier: GPL-2.0-only
#include "store/devices.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "netlink/route.h"
#include "store/flow_clock.h"
#include "store/store.h"

int store_device_add(const struct store *store, __u32 ifindex)
{
	return bpf_map_update_elem(store->devices_fd, &ifindex, &ifindex, BPF_ANY) ? -errno : 0;
}

int store_device_del(const struct store *store, __u32 ifindex)
{
	store_rx_queues_set(store, ifindex, 0);
	return bpf_map_delete_elem(store->devices_fd, &ifindex) ? -errno : 0;
}

bool store_has_device(const struct store *store, __u32 ifindex)
{
	__u32 value;

	return !bpf_map_lookup_elem(store->devices_fd, &ifindex, &value);
}

/* --- receive queues -------------------------------------------------------------- */

/* The record of an interface; of index 0, a free record. NULL = none. */
static struct lb_rx_queues *find_rx_queues(const struct store *store, __u32 ifindex)
{
	struct lb_rx_queues *rx_queues = store->control->rx_queues;

	for (size_t i = 0; i < LB_RX_DEVICES; i++)
		if (rx_queues[i].device == ifindex)
			return &rx_queues[i];
	return NULL;
}

__u32 store_rx_queues(const struct store *store, __u32 ifindex)
{
	const struct lb_rx_queues *rx_queues = find_rx_queues(store, ifindex);

	return ifindex && rx_queues ? rx_queues->queues : 0;
}

void store_rx_queues_set(const struct store *store, __u32 ifindex, __u32 queues)
{
	struct lb_rx_queues *rx_queues = find_rx_queues(store, ifindex);

	if (!rx_queues)
		rx_queues = find_rx_queues(store, 0);
	if (rx_queues)
		*rx_queues =
			queues ? (struct lb_rx_queues){ifindex, queues} : (struct lb_rx_queues){0};
}

/* --- next hops -------------------------------------------------------------------- */

/*
 * Packets write the three words too, without a lock. A reader takes them as valid together
 * only if the ticks in their low 16 bits agree.
 */
void store_nexthop_write(struct store *store, __u32 backend, const struct route_nexthop *hop)
{
	struct lb_backend *record = &store->tables.backends[backend];
	__u16 tick = flow_clock_now(store);
	__u64 device = (__u64)hop->mtu << 48 | (__u64)hop->ifindex << 16 | tick;

	__atomic_store_n(&record->nexthop_dst_mac, hop->to << 16 | tick, __ATOMIC_RELAXED);
	__atomic_store_n(&record->nexthop_src_mac, hop->from << 16 | tick, __ATOMIC_RELAXED);
	__atomic_store_n(&record->nexthop_device, device, __ATOMIC_RELAXED);
}

void store_nexthop_invalidate(struct store *store, __u32 backend)
{
	struct lb_backend *record = &store->tables.backends[backend];
	__u64 to = __atomic_load_n(&record->nexthop_dst_mac, __ATOMIC_RELAXED);

	__atomic_store_n(&record->nexthop_src_mac, ~to & 0xffff, __ATOMIC_RELAXED);
}
