/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SNAT pool: assigns entries of lb_control.snat_sources, the addresses that SNAT flows come
 * from, to services.
 *
 * Services with the same prefix share its entries. Prefixes that overlap otherwise, or that
 * contain a VIP, are refused, because replies to them are ambiguous.
 */
#ifndef STORE_SNAT_POOL_H
#define STORE_SNAT_POOL_H

#include "store/store.h"

/* Of a longer prefix, only the first addresses are used. */
#define SNAT_POOL_SERVICE_MAX 16U

enum snat_pool_condition {
	SNAT_POOL_MISSING = CONDITION_SNAT_POOL, /* no prefix of the service's IP version */
	SNAT_POOL_OVERLAP, /* the prefix overlaps another service's prefix, or has a VIP in it */
	SNAT_POOL_HAS_VIP, /* another service's prefix has the service's VIP in it */
	SNAT_POOL_FULL, /* too few free entries */
};

/*
 * Gives a service (id 0 = a new one) the entries that its settings need: sets snat_first and
 * snat_count, both 0 except in snat mode. Returns 0 or a condition; `service` is then of no
 * use.
 */
int snat_pool_assign(const struct store *store, __u32 id, struct lb_service_config *service);

/* Writes where the service's SNAT flows and tunnels come from, to its record. */
void snat_pool_write(struct lb_service *service, const struct lb_service_config *config);

/*
 * Writes the addresses of all entries in use, and adds them to the items of the endpoint
 * table. Returns how many.
 */
size_t snat_pool_collect(const struct store *store, struct endpoint_item *items);

/* True if a service uses the entry. */
bool snat_pool_is_used(const struct store *store, __u32 index);

/* True if the service has other entries than before. */
bool snat_pool_range_differs(const struct lb_service_config *now,
			     const struct lb_service_config *before);

/* True if the settings take away addresses that the service may have flows from. */
bool snat_pool_drops_addresses(const struct lb_service_config *before,
			       const struct lb_service_config *after);

#endif
