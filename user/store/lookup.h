/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lookup of services and backends in a configuration, by name, address and membership.
 *
 * All functions read store->config, unless a snapshot is given. Id 0 means "none".
 */
#ifndef STORE_LOOKUP_H
#define STORE_LOOKUP_H

#include "model/weight.h"
#include "store/store.h"

__u32 store_service_by_name(const struct store *store, const char *name);
__u32 store_service_by_vip(const struct store *store, const __u64 address[2], __be16 port,
			   __u8 protocol);

/* A backend that the service owns. */
__u32 store_backend_by_endpoint(const struct store *store, __u32 service, const __u64 address[2],
				__be16 port);

/* The service that `service` spills to, in one snapshot. */
__u32 snapshot_spill_target(const struct snapshot *snapshot, const struct lb_control *limits,
			    __u32 service);

/* True if the backend was added to the service, and is no alias there (store/spillover.h). */
static inline bool store_service_owns(const struct store *store, __u32 service, __u32 backend)
{
	const struct lb_backend_config *config = &store->config.backend[backend];

	return config->service == service && !config->alias_of;
}

/*
 * The backend of a service, aliases included, that has the lowest id above `after`, which
 * is 0 or a backend of the same service.
 */
__u32 store_next_backend(const struct store *store, __u32 service, __u32 after);

/* How many backends of services with this protocol have the endpoint. */
size_t store_endpoint_count(const struct store *store, const __u64 address[2], __be16 port,
			    __u8 protocol);

/*
 * Another service that has the backend's endpoint and recognizes replies by their source
 * alone (--persist none).
 */
__u32 store_endpoint_conflict(const struct store *store, __u32 backend);

/*
 * An id that is free in both snapshots, because packets may still use the ids of either.
 * 0 = all are in use.
 */
__u32 store_service_free_id(const struct store *store);

/* Which results count for the weights of a service; see model/weight.h. */
enum weight_mode store_weight_mode(const struct store *store, __u32 service);

#endif
