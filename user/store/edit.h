/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Edits of a writer's working copy: adds and removes backends, removes services.
 *
 * Settings of records that exist are written in store->config directly. Nothing takes
 * effect before the commit (store/transaction.h).
 */
#ifndef STORE_EDIT_H
#define STORE_EDIT_H

#include "base/address.h"
#include "store/store.h"

enum edit_condition {
	EDIT_WRONG_FAMILY = CONDITION_EDIT, /* the backend has the other IP version */
	EDIT_WRONG_PORT, /* the backend has another port */
	EDIT_ENDPOINT_SHARED, /* LB_ENDPOINT_CHAIN_MAX backends have the endpoint already */
	EDIT_BACKENDS_FULL, /* no id is free */
};

/* A backend at this endpoint, of no service yet, with all settings at their defaults. */
struct lb_backend_config backend_defaults(const struct endpoint *endpoint);

/*
 * Can the service's forwarding mode reach an endpoint? Only tunnels reach the other IP
 * version, and only NAT of a service with one port reaches another port. Returns 0,
 * EDIT_WRONG_FAMILY or EDIT_WRONG_PORT.
 */
int edit_check_reach(const struct lb_service_config *service, const __u64 address[2], __be16 port);

/* Returns 0, or EDIT_ENDPOINT_SHARED if the service cannot have one more backend there. */
int edit_check_shared(const struct store *store, const struct lb_service_config *service,
		      const __u64 address[2], __be16 port);

/*
 * Adds a backend under an id that is free in both snapshots, because packets may still use
 * the ids of either. Its counters and health start at 0. Returns 0 and the id, or
 * EDIT_BACKENDS_FULL.
 */
int edit_add_backend(struct store *store, const struct lb_backend_config *backend, __u32 *id);

/* Removes a backend, and adds its counters to those of its service. */
void edit_remove_backend(struct store *store, __u32 backend);

/* Removes a service and all of its backends. */
void edit_remove_service(struct store *store, __u32 service);

#endif
