/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spillover (--spill): a service without a usable backend sends new flows to a backend of another
 * service, which that service's scheduler selects.
 *
 * The flows remain flows of the service that their clients use. So each backend that may get some
 * has an alias in that service. This is a record with the same endpoint, but with the service's
 * checksum deltas, idle times and forwarding mode. Code that runs after the selection need not know
 * about spillover. Aliases are in no slot table. In the endpoint table an alias is part of the
 * chain that shares its backend's endpoint.
 */
#ifndef BPF_SELECT_SPILLOVER_H
#define BPF_SELECT_SPILLOVER_H

#include "core/endpoints.h"
#include "flow/flow_counts.h"
#include "packet/headers.h"

/* The service that this one spills to; 0 if there is none. */
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
 * The alias that a backend has in another service; 0 if it has none. Global function: verified
 * once, rarely called.
 */
__noinline __u32 spill_alias(__u32 service, __u32 id)
{
	struct lb_backend *backend = backend_get(id);
	struct lb_service *owner = backend ? service_get(backend->service) : NULL;
	struct endpoint_chain chain = {0};

	if (owner)
		chain = chain_at(endpoint_lookup_exact(
			backend->address,
			lb_selector(backend->port, owner->protocol, LB_ROLE_BACKEND,
				    address_is_ipv4(backend->address))));
	for (__u32 i = 0; i < LB_ENDPOINT_CHAIN_MAX && chain.id; i++) {
		if (is_alias(chain.id, service))
			return chain.id;
		chain = chain_next(chain);
	}
	return 0;
}

#endif
