// SPDX-License-Identifier: GPL-2.0-only
/* The store's ids: whose are they, and which are free? */
#include <string.h>

#include "store/store.h"

__u32 store_service_by_name(const struct store *store, const char *name)
{
	for (__u32 id = 1; name[0] && id < store->control->max_services; id++)
		if (!strcmp(store->service[id].name, name))
			return id;
	return 0;
}

enum weight_mode store_weight_mode(const struct store *store, __u32 service)
{
	return weight_mode(store->backend, store->control->max_backends, service,
			   store_service_by_name(store, store->service[service].spill));
}

__u32 store_service_by_vip(const struct store *store, const __u64 address[2], __be16 port,
			   __u8 protocol)
{
	for (__u32 id = 1; id < store->control->max_services; id++) {
		const struct lb_service_config *service = &store->service[id];

		if (service->name[0] && service->port == port && service->protocol == protocol &&
		    !memcmp(service->address, address, sizeof(service->address)))
			return id;
	}
	return 0;
}

__u32 store_backend_by_endpoint(const struct store *store, __u32 service, const __u64 address[2],
				__be16 port)
{
	for (__u32 id = 1; id < store->control->max_backends; id++) {
		const struct lb_backend_config *backend = &store->backend[id];

		if (store_service_owns(store, service, id) && backend->port == port &&
		    !memcmp(backend->address, address, sizeof(backend->address)))
			return id;
	}
	return 0;
}

__u32 store_service_free_id(const struct store *store)
{
	__u32 count = store->control->max_services;

	for (__u32 id = 1; id < count; id++)
		if (!store->service_config[id].name[0] &&
		    !store->service_config[count + id].name[0])
			return id;
	return 0;
}
