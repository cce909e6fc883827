// SPDX-License-Identifier: GPL-2.0-only
#include "sharing.h"

#include <string.h>

#include "persist.h"
#include "store.h"

static bool is_at(const struct lb_backend_config *backend, const __u64 address[2], __be16 port)
{
	return backend->service && backend->port == port &&
	       !memcmp(backend->address, address, sizeof(backend->address));
}

size_t sharing_count(const struct store *store, const __u64 address[2], __be16 port, __u8 protocol)
{
	size_t count = 0;

	for (__u32 id = 1; id < store->control->max_backends; id++)
		count += is_at(&store->backend[id], address, port) &&
			 store->service[store->backend[id].service].protocol == protocol;
	return count;
}

__u32 sharing_rival(const struct store *store, __u32 backend)
{
	const struct lb_backend_config *own = &store->backend[backend];

	for (__u32 id = 1; id < store->control->max_backends; id++) {
		const struct lb_backend_config *other = &store->backend[id];

		if (is_at(other, own->address, own->port) && other->service != own->service &&
		    persist_needs_own_backends(&store->service[other->service]))
			return other->service;
	}
	return 0;
}
