// SPDX-License-Identifier: GPL-2.0-only
#include "store/flow_table.h"

#include <string.h>
#include <time.h>

#include "base/address.h"
#include "store/flow_counts.h"
#include "store/snat_pool.h"
#include "store/store.h"

__u32 flow_table_now(const struct store *store)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((__u64)now.tv_sec * 1000000000 + now.tv_nsec + store->control->clock_offset_ns) >>
	       LB_TICK_SHIFT;
}

/* False where there is no flow, or where it is changing hands right now. */
static bool read_flow(const struct lb_flow *from, struct lb_flow *flow)
{
	flow->key = __atomic_load_n(&from->key, __ATOMIC_ACQUIRE);
	if (!lb_flow_service(flow->key))
		return false;
	flow->data = __atomic_load_n(&from->data, __ATOMIC_ACQUIRE);
	return flow->key == __atomic_load_n(&from->key, __ATOMIC_ACQUIRE);
}

/* A flow of snat, with the key that it would have in the flow memory. */
static bool read_port(const struct store *store, const struct lb_port *from, struct lb_flow *flow)
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

static size_t each_port(const struct store *store, flow_test test, void *argument)
{
	struct lb_flow flow;
	size_t count = 0;

	for (__u32 i = 0; i < store->control->max_sources; i++) {
		bool is_used = source_is_used(store, i);

		for (__u32 j = LB_PORT_FIRST; is_used && j < LB_PORTS; j++)
			if (read_port(store, &store->ports[i * LB_PORTS + j], &flow))
				count += test(&flow, argument);
	}
	return count;
}

static bool find_in_memory(const struct store *store, __u64 hash, __u64 key, struct lb_flow *flow)
{
	const struct lb_bucket *bucket =
		&store->flows[lb_scale(hash, store->control->flow_buckets)];

	for (__u32 i = 0; i < LB_BUCKET_FLOWS; i++)
		if (read_flow(&bucket->flow[i], flow) && flow->key == key)
			return true;
	return false;
}

static bool find_port(const struct store *store, __u64 hash, const struct flow_client *client,
		      struct lb_flow *flow)
{
	const struct lb_service *service = &store->services[client->service];
	__u64 key = lb_port_key(client->port, service->port ? 0 : client->asked, client->service);

	for (__u32 try = 0; service->source_count && try < LB_PORT_BUCKETS_TRIED; try++) {
		const struct lb_port *first = &store->ports[lb_port_bucket(
			hash, try, service->first_source, service->source_count)];

		for (__u32 i = 0; i < LB_PORT_BUCKET; i++)
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

	if (!store->services[client->service].port)
		key = lb_flow_key_at(key, client->asked);
	return find_in_memory(store, hash, key | client->service, flow) ||
	       find_port(store, hash, client, flow);
}

/* Of an address that no service speaks from any more, all are forgotten. */
static size_t forget_ports(struct store *store, flow_test test, void *argument)
{
	struct lb_flow flow;
	size_t count = 0;

	for (__u32 i = 0; i < store->control->max_sources; i++) {
		bool is_used = source_is_used(store, i);

		for (__u32 j = LB_PORT_FIRST; j < LB_PORTS; j++) {
			struct lb_port *port = &store->ports[i * LB_PORTS + j];
			__u64 key = __atomic_load_n(&port->flow.key, __ATOMIC_RELAXED);

			if (!read_port(store, port, &flow) || (is_used && !test(&flow, argument)))
				continue;
			load_forget(store, &port->flow);
			count += __atomic_compare_exchange_n(&port->flow.key, &key, 0, false,
							     __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
		}
	}
	return count;
}

size_t flow_table_each(const struct store *store, flow_test test, void *argument)
{
	struct lb_flow flow;
	size_t count = each_port(store, test, argument);

	for (__u32 i = 0; i < store->control->flow_buckets; i++)
		for (__u32 j = 0; j < LB_BUCKET_FLOWS; j++)
			if (read_flow(&store->flows[i].flow[j], &flow))
				count += test(&flow, argument);
	return count;
}

size_t flow_table_forget(struct store *store, flow_test test, void *argument)
{
	struct lb_flow flow;
	size_t count = forget_ports(store, test, argument);

	for (__u32 i = 0; i < store->control->flow_buckets; i++) {
		for (__u32 j = 0; j < LB_BUCKET_FLOWS; j++) {
			struct lb_flow *place = &store->flows[i].flow[j];

			if (!read_flow(place, &flow) || !test(&flow, argument))
				continue;
			load_forget(store, place);
			count += __atomic_compare_exchange_n(&place->key, &flow.key, 0, false,
							     __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
		}
	}
	if (count)
		store_room_made(store);
	return count;
}

struct tally {
	__u32 now;
	__u32 max_backends;
	__u64 *counts;
};

static bool tally_one(const struct lb_flow *flow, void *argument)
{
	const struct tally *tally = argument;
	__u16 backend = lb_flow_backend(flow->data);

	if (backend >= tally->max_backends || !lb_flow_alive(flow->data, tally->now))
		return false;
	tally->counts[backend]++;
	return true;
}

void flow_table_tally(const struct store *store, __u64 *counts)
{
	struct tally tally = {flow_table_now(store), store->control->max_backends, counts};

	flow_table_each(store, tally_one, &tally);
}

struct whose {
	const struct store *store;
	__u32 now, service, backend;
};

/* Its own ones, and those of its deputies in other services. */
static bool is_with(const struct store *store, __u16 id, __u32 backend)
{
	return id == backend ||
	       (id < store->control->max_backends && store->backend[id].deputy_of == backend);
}

static bool is_alive_with(const struct lb_flow *flow, void *argument)
{
	const struct whose *whose = argument;

	if (whose->backend && !is_with(whose->store, lb_flow_backend(flow->data), whose->backend))
		return false;
	if (!whose->backend && whose->service && lb_flow_service(flow->key) != whose->service)
		return false;
	return lb_flow_alive(flow->data, whose->now);
}

size_t flow_table_alive(const struct store *store, __u32 service, __u32 backend)
{
	struct whose whose = {store, flow_table_now(store), service, backend};

	return flow_table_each(store, is_alive_with, &whose);
}

static __u64 ticks_ms(__u64 ticks)
{
	return (ticks << LB_TICK_SHIFT) / 1000000;
}

__u64 flow_table_idle_ms(const struct store *store, const struct lb_flow *flow, __u32 now)
{
	const struct lb_backend *backend = &store->backends[lb_flow_backend(flow->data)];
	__u32 lease = lb_flow_lease(lb_flow_idle(backend, lb_flow_state(flow->data)));
	__s64 idle = (__s64)lease - lb_flow_left(flow->data, now);

	return idle > 0 ? ticks_ms(idle) : 0;
}

/* The idle time is told more finely. */
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
		[LB_FLOW_LISTENED] = "established",
		[LB_FLOW_TIMED] = "established",
		[LB_FLOW_CLOSED] = "closed",
	};

	return state < LB_FLOW_STATE_COUNT ? names[state] : "?";
}
