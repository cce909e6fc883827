/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where do flows go for which a service has nobody? To a backend of another service, if
 * one is named (--spill), which that service's scheduler chooses.
 *
 * They stay flows of the service that their clients speak to. So each backend that may
 * get some has a deputy in that service, a record with the same endpoint and with the
 * sums, idle times and way of forwarding that are the service's: whatever comes after
 * the choice knows of no spilling. Deputies are in no slot table. One stands in the
 * directory among those that share its backend's endpoint.
 */
#ifndef BPF_SELECT_SPILLOVER_H
#define BPF_SELECT_SPILLOVER_H

#include "core/endpoints.h"
#include "flow/flow_counts.h"
#include "packet/packet.h"

/* The service that gets what this one cannot have; 0 = none. */
static __always_inline __u32 spill_target(__u32 service_id)
{
	struct lb_service *service = service_get(service_id);

	return service ? *(volatile __u32 *)&service->spill : 0;
}

static __always_inline bool is_alias(__u32 id, __u32 service)
{
	struct lb_backend *backend = backend_get(id);

	return backend && backend->service == service &&
	       *(volatile __u32 *)&backend->flags & LB_BACKEND_ALIAS;
}

/*
 * The deputy in a service of another service's backend; 0 if there is none, or no backend. A
 * function of its own, verified once and seldom called.
 */
__noinline __u32 spill_alias(__u32 service, __u32 id)
{
	struct lb_backend *backend = backend_get(id);
	struct lb_service *owner = backend ? service_get(backend->service) : NULL;
	struct lb_endpoint_entry *entry = NULL;

	if (owner)
		entry = endpoint_lookup_exact(backend->address,
					      lb_selector(backend->port, owner->protocol,
							  LB_ROLE_BACKEND,
							  address_is_ipv4(backend->address)));
	for (__u32 i = 0; i < LB_ENDPOINT_CHAIN_MAX && entry; i++) {
		if (is_alias(entry->id, service))
			return entry->id;
		entry = entry->next ? endpoint_get(entry->next) : NULL;
	}
	return 0;
}

#endif
