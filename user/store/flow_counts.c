// SPDX-License-Identifier: GPL-2.0-only
#include "store/flow_counts.h"

#include <stdbool.h>

#include "model/weight.h"
#include "store/flow_table.h"
#include "store/publish.h"
#include "store/store.h"

void load_reset(struct store *store, __u32 backend)
{
	store->loads[backend] = (struct lb_load){.deputy_of = store->backend[backend].deputy_of};
	store->responses[backend] = (struct lb_latency){0};
}

static __u32 milli_of(const struct store *store, __u32 backend, enum weight_mode mode)
{
	struct lb_backend_config counted = weight_counted(&store->backend[backend], mode);

	return weight_effective_milli(&counted, store->service[counted.service].scheduler);
}

void load_price(struct store *store, __u32 service, enum weight_mode mode)
{
	__u32 least = ~0U, milli;
	__u64 price;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		milli = store_owns(store, service, id) ? milli_of(store, id, mode) : 0;
		if (milli && milli < least)
			least = milli;
	}
	for (__u32 id = 1; id < store->control->max_backends; id++) {
		if (!store_owns(store, service, id))
			continue;
		milli = milli_of(store, id, mode);
		price = milli ? (__u64)LB_PRICE_MAX * least / milli : LB_PRICE_MAX;
		__atomic_store_n(&store->loads[id].price, price ? price : 1, __ATOMIC_RELAXED);
	}
}

static void limit(struct store *store, __u32 backend, __u32 milli, __u64 sum, __u32 factor_milli)
{
	struct lb_load *load = &store->loads[backend];

	__atomic_store_n(&load->max_flows, store->backend[backend].max_flows, __ATOMIC_RELAXED);
	__atomic_store_n(&load->bound, weight_bound(milli, sum, factor_milli), __ATOMIC_RELAXED);
}

void load_limit(struct store *store, __u32 service, enum weight_mode mode)
{
	__u32 factor_milli = store->service[service].load_factor_milli;
	bool limits = factor_milli;
	__u64 sum = 0;

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		if (!store_owns(store, service, id))
			continue;
		sum += milli_of(store, id, mode);
		limits |= store->backend[id].max_flows != 0;
	}
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (store_owns(store, service, id))
			limit(store, id, milli_of(store, id, mode), sum, factor_milli);
	__atomic_store_n(&store->services[service].limits, limits, __ATOMIC_RELAXED);
}

static void add(struct store *store, __u64 data, __s32 change)
{
	__u16 backend = lb_flow_backend(data);

	if (backend >= store->control->max_backends)
		return;
	if (store->loads[backend].deputy_of)
		backend = store->loads[backend].deputy_of;
	__atomic_fetch_add(&store->loads[backend].flows, change, __ATOMIC_RELAXED);
	__atomic_fetch_add(&store->services[store->backends[backend].service].flows, change,
			   __ATOMIC_RELAXED);
}

/* The winner of the exchange adjusts the count; a packet may be writing at the same time. */
static bool exchange(struct lb_flow *place, __u64 before, __u64 after)
{
	return __atomic_compare_exchange_n(&place->data, &before, after, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_RELAXED);
}

void load_forget(struct store *store, struct lb_flow *place)
{
	__u64 data = __atomic_load_n(&place->data, __ATOMIC_RELAXED);

	while (data & LB_FLOW_COUNTED) {
		if (exchange(place, data, data & ~LB_FLOW_COUNTED)) {
			add(store, data, -1);
			return;
		}
		data = __atomic_load_n(&place->data, __ATOMIC_RELAXED);
	}
}

static bool is_counted(const struct store *store, __u64 data)
{
	__u16 backend = lb_flow_backend(data);

	return backend < store->control->max_backends &&
	       store->backends[backend].flags & LB_BACKEND_COUNTED;
}

/* A flow that packets write meanwhile is counted by them. */
static void join(struct store *store, struct lb_flow *place, __u32 now)
{
	__u64 key = __atomic_load_n(&place->key, __ATOMIC_ACQUIRE);
	__u64 data = __atomic_load_n(&place->data, __ATOMIC_ACQUIRE);

	if (!lb_flow_service(key) || data & LB_FLOW_COUNTED || !lb_flow_alive(data, now) ||
	    !is_counted(store, data))
		return;
	add(store, data, 1); /* first: who is killed in between leaves no count below 0 */
	if (!exchange(place, data, data | LB_FLOW_COUNTED))
		add(store, data, -1);
}

static void join_all(struct store *store)
{
	__u32 now = flow_table_now(store);

	for (__u32 i = 0; i < store->control->flow_buckets; i++)
		for (__u32 j = 0; j < LB_BUCKET_FLOWS; j++)
			join(store, &store->flows[i].flow[j], now);
	for (__u64 i = 0; i < store->control->max_sources * LB_PORTS; i++)
		join(store, &store->ports[i].flow, now);
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

int load_begin(struct publication *next)
{
	struct store *store = next->store;
	bool touched;
	__u32 counted = counted_backends(next, &touched);
	int error;

	__atomic_store_n(&store->control->counted, counted, __ATOMIC_RELEASE);
	if (!touched)
		return 0;
	error = store_grace_wait(&next->grace); /* now packets count new flows */
	if (error)
		return error;
	join_all(store);
	return store_sweep(store);
}
