/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The addresses that snat speaks to backends from: which of the instance's places for
 * them a service has. Services with the same prefix share them; prefixes that overlap
 * otherwise, or have a VIP in them, cannot be told apart and are refused.
 */
#ifndef STORE_SNAT_POOL_H
#define STORE_SNAT_POOL_H

#include "store/store.h"

/* Of a longer prefix the first so many are used. */
#define SNAT_POOL_SERVICE_MAX 16U

enum snat_pool_condition {
	SNAT_POOL_MISSING = 1, /* snat, and no prefix of the service's IP version */
	SNAT_POOL_OVERLAP, /* with another service's prefix, or with a VIP */
	SNAT_POOL_FULL, /* no room for so many addresses */
};

/* Gives the service the places that its settings ask for. 0 or a condition. */
int snat_pool_assign(const struct store *store, __u32 id, struct lb_service_config *service);

/* Tells packets where a service's snat and tunnels come from. */
void snat_pool_write(struct lb_service *service, const struct lb_service_config *config);

/* The directory's items of all addresses of snat, which it names in lb_control.sources; how many. */
size_t snat_pool_collect(const struct store *store, struct endpoint_item *items);

/* Does a service speak to its backends from this one of lb_control.sources? */
bool snat_pool_is_used(const struct store *store, __u32 index);

/* Has the service other places than before? */
bool snat_pool_range_differs(const struct lb_service_config *now,
			     const struct lb_service_config *before);

/* Do the settings take addresses away that the service has flows from? */
bool snat_pool_drops_addresses(const struct lb_service_config *before,
			       const struct lb_service_config *after);

#endif
