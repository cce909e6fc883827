// SPDX-License-Identifier: GPL-2.0-only
#include "store/flow_table.h"

#include <string.h>

#include "base/address.h"
#include "store/counters.h"
#include "store/flow_clock.h"
#include "store/flow_counts.h"
#include "store/snat_pool.h"
#include "store/store.h"

/* Copies a flow. Returns false if the entry is empty, or if a packet replaces it right now. */
static bool read_flow(const struct lb_flow *from, struct lb_flow *flow)
{
	flow->key = __atomic_load_n(&from->key, __ATOMIC_ACQUIRE);
	if (!lb_flow_service(flow->key))
		return false;
	flow->data = __atomic_load_n(&from->data, __ATOMIC_ACQUIRE);
	return flow->key == __atomic_load_n(&from->key, __ATOMIC_ACQUIRE);
}

/* Copies an SNAT flow, with the key that it would have in the flow table. */
static bool read_snat_flow(const struct store *store, const struct lb_snat_entry *from,
			   struct lb_flow *flow)
{
	__u16 service, port;

	if (!read_flow(&from->flow, flow))
		return false;
	service = lb_flow_service(flow->key);
	port = flow->key >> 16;
	flow->key = address_is_ipv4(from->client)
			    ? lb_flow_key4(address_to_ipv4(from->client), port, service)
			    : lb_flow_key6(from->client, port, service, store->control->seed);
	return true;
}

static size_t each_snat_flow(const struct store *store, flow_test test, void *argument)
{
	struct lb_flow flow;
	size_t count = 0;

	for (__u32 i = 0; i < store->control->max_sources; i++) {
		bool is_used = snat_pool_is_used(store, i);

		for (__u32 j = LB_SNAT_PORT_FIRST; is_used && j < LB_SNAT_PORTS; j++)
			if (read_snat_flow(store, &store->tables.snat_ports[i * LB_SNAT_PORTS + j],
					   &flow))
				count += test(&flow, argument);
	}
	return count;
}

static bool find_in_table(const struct store *store, __u64 hash, __u64 key, struct lb_flow *flow)
{
	const struct lb_bucket *bucket =
		&store->tables.flows[lb_scale(hash, store->control->flow_buckets)];

	for (__u32 i = 0; i < LB_BUCKET_FLOWS; i++)
		if (read_flow(&bucket->flow[i], flow) && flow->key == key)
			return true;
	return false;
}

static bool find_snat_flow(const struct store *store, __u64 hash, const struct flow_client *client,
			   struct lb_flow *flow)
{
	const struct lb_service *service = &store->tables.services[client->service];
	__u64 key =
		lb_snat_key(client->port, service->port ? 0 : client->vip_port, client->service);

	for (__u32 attempt = 0; service->snat_count && attempt < LB_SNAT_BUCKETS_TRIED; attempt++) {
		const struct lb_snat_entry *first = &store->tables.snat_ports[lb_snat_bucket(
			hash, attempt, service->snat_first, service->snat_count)];

		for (__u32 i = 0; i < LB_SNAT_BUCKET_PORTS; i++)
			if (read_flow(&first[i].flow, flow) && flow->key == key &&
			    !memcmp(first[i].client, client->address, sizeof(client->address)))
				return true;
	}
	return false;
}

bool flow_table_find(const struct store *store, const struct flow_client *client,
		     struct lb_flow *flow)
{
	struct lb_seed seed = store->control->seed;
	__u64 key = address_is_ipv4(client->address)
			    ? lb_flow_key4(address_to_ipv4(client->address), client->port, 0)
			    : lb_flow_key6(client->address, client->port, 0, seed);
	__u64 hash = lb_flow_hash(key, seed);

	if (!store->tables.services[client->service].port)
		key = lb_flow_key_add_port(key, client->vip_port);
	return find_in_table(store, hash, key | client->service, flow) ||
	       find_snat_flow(store, hash, client, flow);
}

/* Flows from an SNAT address that no service uses any more are all deleted. */
static size_t delete_snat_flows(struct store *store, flow_test test, void *argument)
{
	struct lb_flow flow;
	size_t count = 0;

	for (__u32 i = 0; i < store->control->max_sources; i++) {
		bool is_used = snat_pool_is_used(store, i);

		for (__u32 j = LB_SNAT_PORT_FIRST; j < LB_SNAT_PORTS; j++) {
			struct lb_snat_entry *port =
				&store->tables.snat_ports[i * LB_SNAT_PORTS + j];
			__u64 key = __atomic_load_n(&port->flow.key, __ATOMIC_RELAXED);

			if (!read_snat_flow(store, port, &flow) ||
			    (is_used && !test(&flow, argument)))
				continue;
			flow_counts_remove(store, &port->flow);
			count += __atomic_compare_exchange_n(&port->flow.key, &key, 0, false,
							     __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
		}
	}
	return count;
}

size_t flow_table_each(const struct store *store, flow_test test, void *argument)
{
	struct lb_flow flow;
	size_t count = each_snat_flow(store, test, argument);

	for (__u32 i = 0; i < store->control->flow_buckets; i++)
		for (__u32 j = 0; j < LB_BUCKET_FLOWS; j++)
			if (read_flow(&store->tables.flows[i].flow[j], &flow))
				count += test(&flow, argument);
	return count;
}

size_t flow_table_delete(struct store *store, flow_test test, void *argument)
{
	struct lb_flow flow;
	size_t count = delete_snat_flows(store, test, argument);

	for (__u32 i = 0; i < store->control->flow_buckets; i++) {
		for (__u32 j = 0; j < LB_BUCKET_FLOWS; j++) {
			struct lb_flow *entry = &store->tables.flows[i].flow[j];

			if (!read_flow(entry, &flow) || !test(&flow, argument))
				continue;
			flow_counts_remove(store, entry);
			count += __atomic_compare_exchange_n(&entry->key, &flow.key, 0, false,
							     __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
		}
	}
	if (count)
		store_pressure_reset(store);
	return count;
}

struct backend_counts {
	__u32 now;
	__u32 max_backends;
	__u64 *counts;
};

static bool count_one(const struct lb_flow *flow, void *argument)
{
	const struct backend_counts *backend_counts = argument;
	__u16 backend = lb_flow_backend(flow->data);

	if (backend >= backend_counts->max_backends ||
	    !lb_flow_alive(flow->data, backend_counts->now))
		return false;
	backend_counts->counts[backend]++;
	return true;
}

void flow_table_count_per_backend(const struct store *store, __u64 *counts)
{
	struct backend_counts backend_counts = {flow_clock_now(store), store->control->max_backends,
						counts};

	flow_table_each(store, count_one, &backend_counts);
}

struct flow_filter {
	const struct store *store;
	__u32 now, service, backend;
};

/* True for the backend itself, and for its aliases in other services. */
static bool is_on_backend(const struct store *store, __u16 id, __u32 backend)
{
	return id == backend ||
	       (id < store->control->max_backends && store->config.backend[id].alias_of == backend);
}

static bool is_active_match(const struct lb_flow *flow, void *argument)
{
	const struct flow_filter *flow_filter = argument;

	if (flow_filter->backend &&
	    !is_on_backend(flow_filter->store, lb_flow_backend(flow->data), flow_filter->backend))
		return false;
	if (!flow_filter->backend && flow_filter->service &&
	    lb_flow_service(flow->key) != flow_filter->service)
		return false;
	return lb_flow_alive(flow->data, flow_filter->now);
}

size_t flow_table_count(const struct store *store, __u32 service, __u32 backend)
{
	struct flow_filter flow_filter = {store, flow_clock_now(store), service, backend};

	return flow_table_each(store, is_active_match, &flow_filter);
}

static __u64 ticks_ms(__u64 ticks)
{
	return (ticks << LB_TICK_SHIFT) / 1000000;
}

__u64 flow_table_idle_ms(const struct store *store, const struct lb_flow *flow, __u32 now)
{
	const struct lb_backend *backend = &store->tables.backends[lb_flow_backend(flow->data)];
	__u32 lease = lb_flow_lease(lb_flow_idle(backend, lb_flow_state(flow->data)));
	__s64 idle = (__s64)lease - lb_flow_left(flow->data, now);

	return idle > 0 ? ticks_ms(idle) : 0;
}

/* The idle time has the finer unit, so it is a lower bound of the age. */
__u64 flow_table_age_ms(const struct store *store, const struct lb_flow *flow, __u32 now)
{
	__u32 units = lb_flow_age(flow->data, now);
	__u64 age_ms = ticks_ms((__u64)units << LB_CREATED_SHIFT);
	__u64 idle_ms = flow_table_idle_ms(store, flow, now);

	return age_ms > idle_ms ? age_ms : idle_ms;
}

const char *flow_state_name(__u8 state)
{
	static const char *const names[LB_FLOW_STATE_COUNT] = {
		[LB_FLOW_NEW] = "new",
		[LB_FLOW_ANSWERED] = "answered",
		[LB_FLOW_ESTABLISHED] = "established",
		[LB_FLOW_CLIENT_FIN] = "client-fin",
		[LB_FLOW_BACKEND_FIN] = "backend-fin",
		[LB_FLOW_SAMPLED] = "established",
		[LB_FLOW_AWAITING_REPLY] = "established",
		[LB_FLOW_CLOSED] = "closed",
	};

	return state < LB_FLOW_STATE_COUNT ? names[state] : "?";
}
