// SPDX-License-Identifier: GPL-2.0-only
#include "store/lookup.h"

#include <string.h>

#include "model/persistence.h"

static __u32 service_by_name(const struct snapshot *snapshot, const struct lb_control *limits,
			     const char *name)
{
	for (__u32 id = 1; name[0] && id < limits->max_services; id++)
		if (!strcmp(snapshot->service[id].name, name))
			return id;
	return 0;
}

__u32 store_service_by_name(const struct store *store, const char *name)
{
	return service_by_name(&store->config, store->control, name);
}

__u32 snapshot_spill_target(const struct snapshot *snapshot, const struct lb_control *limits,
			    __u32 service)
{
	return service_by_name(snapshot, limits, snapshot->service[service].spill);
}

__u32 store_service_by_vip(const struct store *store, const __u64 address[2], __be16 port,
			   __u8 protocol)
{
	for (__u32 id = 1; id < store->control->max_services; id++) {
		const struct lb_service_config *service = &store->config.service[id];

		if (service->name[0] && service->port == port && service->protocol == protocol &&
		    !memcmp(service->address, address, sizeof(service->address)))
			return id;
	}
	return 0;
}

__u32 store_service_free_id(const struct store *store)
{
	for (__u32 id = 1; id < store->control->max_services; id++)
		if (!store->snapshots[0].service[id].name[0] &&
		    !store->snapshots[1].service[id].name[0])
			return id;
	return 0;
}

/* --- backends -------------------------------------------------------------------- */

static bool has_endpoint(const struct store *store, __u32 id, const __u64 address[2], __be16 port)
{
	const struct lb_backend_config *backend = &store->config.backend[id];

	return backend->service && backend->port == port &&
	       !memcmp(backend->address, address, sizeof(backend->address));
}

__u32 store_backend_by_endpoint(const struct store *store, __u32 service, const __u64 address[2],
				__be16 port)
{
	__u32 id = backend_index_find(&store->index, address, port);

	while (id &&
	       !(has_endpoint(store, id, address, port) && store_service_owns(store, service, id)))
		id = store->index.endpoint_next[id];
	return id;
}

__u32 store_next_backend(const struct store *store, __u32 service, __u32 after)
{
	const struct backend_index *index = &store->index;
	__u32 id = after ? index->member_next[after] : index->member_first[service];

	while (id && store->config.backend[id].service != service)
		id = index->member_next[id];
	return id;
}

size_t store_endpoint_count(const struct store *store, const __u64 address[2], __be16 port,
			    __u8 protocol)
{
	__u32 id = backend_index_find(&store->index, address, port);
	size_t count = 0;

	for (; id; id = store->index.endpoint_next[id])
		count += has_endpoint(store, id, address, port) &&
			 store->config.service[store->config.backend[id].service].protocol ==
				 protocol;
	return count;
}

__u32 store_endpoint_conflict(const struct store *store, __u32 backend)
{
	const struct lb_backend_config *own = &store->config.backend[backend];
	__u32 id = backend_index_find(&store->index, own->address, own->port);

	for (; id; id = store->index.endpoint_next[id]) {
		__u16 other = store->config.backend[id].service;

		if (has_endpoint(store, id, own->address, own->port) && other != own->service &&
		    persist_needs_exclusive_backends(&store->config.service[other]))
			return other;
	}
	return 0;
}

/* The sum over a service's backends; over none, if there is no service. */
static struct weight_sum sum_weights(const struct store *store, __u32 service)
{
	struct weight_sum sum = {0};
	__u32 id = 0;

	while (service && (id = store_next_backend(store, service, id)))
		weight_sum_add(&sum, &store->config.backend[id]);
	return sum;
}

enum weight_mode store_weight_mode(const struct store *store, __u32 service)
{
	struct weight_sum own = sum_weights(store, service);
	struct weight_sum spill =
		sum_weights(store, snapshot_spill_target(&store->config, store->control, service));

	return weight_mode(&own, &spill);
}
