// SPDX-License-Identifier: GPL-2.0-only
#include "store/flow_counts.h"

#include <stdbool.h>

#include "store/counters.h"
#include "store/flow_clock.h"
#include "store/lookup.h"
#include "store/store.h"

void flow_counts_reset(struct store *store, __u32 backend)
{
	store->tables.loads[backend] =
		(struct lb_load){.alias_of = store->config.backend[backend].alias_of};
	store->tables.responses[backend] = (struct lb_latency){0};
}

/* --- prices and limits ------------------------------------------------------------- */

/* What the prices and limits of a service's backends are relative to. */
struct pool {
	__u32 least_milli; /* the lowest positive weight */
	__u64 sum_milli;
	__u32 factor_milli; /* --load-factor; 0 = none */
	bool has_limits;
};

static __u32 effective_milli(const struct store *store, __u32 backend, enum weight_mode mode)
{
	struct lb_backend_config counted = weight_apply_mode(&store->config.backend[backend], mode);

	return weight_effective_milli(&counted, store->config.service[counted.service].scheduler);
}

static struct pool measure(const struct store *store, __u32 service, enum weight_mode mode)
{
	struct pool pool = {
		.least_milli = ~0U,
		.factor_milli = store->config.service[service].load_factor_milli,
	};
	__u32 id = 0;

	pool.has_limits = pool.factor_milli;
	while ((id = store_next_backend(store, service, id))) {
		__u32 milli;

		if (!store_service_owns(store, service, id))
			continue;
		milli = effective_milli(store, id, mode);
		if (milli && milli < pool.least_milli)
			pool.least_milli = milli;
		pool.sum_milli += milli;
		pool.has_limits |= store->config.backend[id].max_flows != 0;
	}
	return pool;
}

static void write_load(struct store *store, __u32 backend, __u32 milli, const struct pool *pool)
{
	struct lb_load *load = &store->tables.loads[backend];
	__u64 price = milli ? (__u64)LB_PRICE_MAX * pool->least_milli / milli : LB_PRICE_MAX;

	__atomic_store_n(&load->price, price ? price : 1, __ATOMIC_RELAXED);
	__atomic_store_n(&load->max_flows, store->config.backend[backend].max_flows,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&load->bound, weight_bound(milli, pool->sum_milli, pool->factor_milli),
			 __ATOMIC_RELAXED);
}

void flow_counts_write(struct store *store, __u32 service, enum weight_mode mode)
{
	struct pool pool = measure(store, service, mode);
	__u32 id = 0;

	while ((id = store_next_backend(store, service, id)))
		if (store_service_owns(store, service, id))
			write_load(store, id, effective_milli(store, id, mode), &pool);
	__atomic_store_n(&store->tables.services[service].limits, pool.has_limits,
			 __ATOMIC_RELAXED);
}

/* --- counts ------------------------------------------------------------------------- */

static void adjust(struct store *store, __u64 data, __s32 change)
{
	__u16 backend = lb_flow_backend(data);

	if (backend >= store->control->max_backends)
		return;
	if (store->tables.loads[backend].alias_of)
		backend = store->tables.loads[backend].alias_of;
	__atomic_fetch_add(&store->tables.loads[backend].flows, change, __ATOMIC_RELAXED);
	__atomic_fetch_add(&store->tables.services[store->tables.backends[backend].service].flows,
			   change, __ATOMIC_RELAXED);
}

/* A packet may write the entry at the same time. The winner of the exchange adjusts the count. */
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
	       store->tables.backends[backend].flags & LB_BACKEND_COUNTED;
}

/* If a packet writes the entry meanwhile, the packet counts the flow. */
static void count_flow(struct store *store, struct lb_flow *entry, __u32 now)
{
	__u64 key = __atomic_load_n(&entry->key, __ATOMIC_ACQUIRE);
	__u64 data = __atomic_load_n(&entry->data, __ATOMIC_ACQUIRE);

	if (!lb_flow_service(key) || data & LB_FLOW_COUNTED || !lb_flow_alive(data, now) ||
	    !is_counted(store, data))
		return;
	adjust(store, data, 1); /* first: if killed in between, no count falls below 0 */
	if (!exchange(entry, data, data | LB_FLOW_COUNTED))
		adjust(store, data, -1);
}

static void count_all_flows(struct store *store)
{
	__u32 now = flow_clock_now(store);

	for (__u32 i = 0; i < store->control->flow_buckets; i++)
		for (__u32 j = 0; j < LB_BUCKET_FLOWS; j++)
			count_flow(store, &store->tables.flows[i].flow[j], now);
	for (__u64 i = 0; i < store->control->max_sources * LB_SNAT_PORTS; i++)
		count_flow(store, &store->tables.snat_ports[i].flow, now);
}

int flow_counts_start(struct store *store, const struct rcu_grace *grace)
{
	int error = rcu_grace_wait(grace);

	if (error)
		return error;
	count_all_flows(store);
	return store_sweep_start(store);
}
