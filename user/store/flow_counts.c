// SPDX-License-Identifier: GPL-2.0-only
#include "store/flow_counts.h"

#include <stdbool.h>

#include "model/weight.h"
#include "store/flow_table.h"
#include "store/publish.h"
#include "store/store.h"

void flow_counts_reset(struct store *store, __u32 backend)
{
	store->loads[backend] = (struct lb_load){.alias_of = store->backend[backend].alias_of};
	store->responses[backend] = (struct lb_latency){0};
}

static __u32 effective_milli(const struct store *store, __u32 backend, enum weight_mode mode)
{
	struct lb_backend_config counted = weight_apply_mode(&store->backend[backend], mode);

	return weight_effective_milli(&counted, store->service[counted.service].scheduler);
}

void flow_counts_write_prices(struct store *store, __u32 service, enum weight_mode mode)
{
	__u32 least = ~0U, milli;
	__u64 price;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		milli = store_service_owns(store, service, id) ? effective_milli(store, id, mode)
							       : 0;
		if (milli && milli < least)
			least = milli;
	}
	for (__u32 id = 1; id < store->control->max_backends; id++) {
		if (!store_service_owns(store, service, id))
			continue;
		milli = effective_milli(store, id, mode);
		price = milli ? (__u64)LB_PRICE_MAX * least / milli : LB_PRICE_MAX;
		__atomic_store_n(&store->loads[id].price, price ? price : 1, __ATOMIC_RELAXED);
	}
}

static void write_limit(struct store *store, __u32 backend, __u32 milli, __u64 sum,
			__u32 factor_milli)
{
	struct lb_load *load = &store->loads[backend];

	__atomic_store_n(&load->max_flows, store->backend[backend].max_flows, __ATOMIC_RELAXED);
	__atomic_store_n(&load->bound, weight_bound(milli, sum, factor_milli), __ATOMIC_RELAXED);
}

void flow_counts_write_limits(struct store *store, __u32 service, enum weight_mode mode)
{
	__u32 factor_milli = store->service[service].load_factor_milli;
	bool limits = factor_milli;
	__u64 sum = 0;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		if (!store_service_owns(store, service, id))
			continue;
		sum += effective_milli(store, id, mode);
		limits |= store->backend[id].max_flows != 0;
	}
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (store_service_owns(store, service, id))
			write_limit(store, id, effective_milli(store, id, mode), sum, factor_milli);
	__atomic_store_n(&store->services[service].limits, limits, __ATOMIC_RELAXED);
}

static void adjust(struct store *store, __u64 data, __s32 change)
{
	__u16 backend = lb_flow_backend(data);

	if (backend >= store->control->max_backends)
		return;
	if (store->loads[backend].alias_of)
		backend = store->loads[backend].alias_of;
	__atomic_fetch_add(&store->loads[backend].flows, change, __ATOMIC_RELAXED);
	__atomic_fetch_add(&store->services[store->backends[backend].service].flows, change,
			   __ATOMIC_RELAXED);
}

/* The winner of the exchange adjusts the count; a packet may be writing at the same time. */
static bool exchange(struct lb_flow *entry, __u64 before, __u64 after)
{
	return __atomic_compare_exchange_n(&entry->data, &before, after, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_RELAXED);
}

void flow_counts_remove(struct store *store, struct lb_flow *entry)
{
	__u64 data = __atomic_load_n(&entry->data, __ATOMIC_RELAXED);

	while (data & LB_FLOW_COUNTED) {
		if (exchange(entry, data, data & ~LB_FLOW_COUNTED)) {
			adjust(store, data, -1);
			return;
		}
		data = __atomic_load_n(&entry->data, __ATOMIC_RELAXED);
	}
}

static bool is_counted(const struct store *store, __u64 data)
{
	__u16 backend = lb_flow_backend(data);

	return backend < store->control->max_backends &&
	       store->backends[backend].flags & LB_BACKEND_COUNTED;
}

/* A flow that packets write meanwhile is counted by them. */
static void count_flow(struct store *store, struct lb_flow *entry, __u32 now)
{
	__u64 key = __atomic_load_n(&entry->key, __ATOMIC_ACQUIRE);
	__u64 data = __atomic_load_n(&entry->data, __ATOMIC_ACQUIRE);

	if (!lb_flow_service(key) || data & LB_FLOW_COUNTED || !lb_flow_alive(data, now) ||
	    !is_counted(store, data))
		return;
	adjust(store, data, 1); /* first: who is killed in between leaves no count below 0 */
	if (!exchange(entry, data, data | LB_FLOW_COUNTED))
		adjust(store, data, -1);
}

static void count_all_flows(struct store *store)
{
	__u32 now = flow_clock_now(store);

	for (__u32 i = 0; i < store->control->flow_buckets; i++)
		for (__u32 j = 0; j < LB_BUCKET_FLOWS; j++)
			count_flow(store, &store->flows[i].flow[j], now);
	for (__u64 i = 0; i < store->control->max_sources * LB_SNAT_PORTS; i++)
		count_flow(store, &store->snat_ports[i].flow, now);
}

/* Backends whose flows are counted, and whether the service of any of them is just touched. */
static __u32 counted_backends(const struct publication *next, bool *touched)
{
	const struct store *store = next->store;
	__u32 count = 0;

	*touched = false;
	for (__u32 id = 1; id < store->control->max_backends; id++) {
		__u16 service = store->backend[id].service;

		if (!service || !(store->backends[id].flags & LB_BACKEND_COUNTED))
			continue;
		*touched |= next->service_touched[service];
		count++;
	}
	return count;
}

int flow_counts_start(struct publication *next)
{
	struct store *store = next->store;
	bool touched;
	__u32 counted = counted_backends(next, &touched);
	int error;

	__atomic_store_n(&store->control->counted, counted, __ATOMIC_RELEASE);
	if (!touched)
		return 0;
	error = rcu_grace_wait(&next->grace); /* now packets count new flows */
	if (error)
		return error;
	count_all_flows(store);
	return store_sweep_start(store);
}
