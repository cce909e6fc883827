// SPDX-License-Identifier: GPL-2.0-only
#include "store/endpoint_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/persistence.h"
#include "store/store.h"

static bool is_at(const struct lb_backend_config *backend, const __u64 address[2], __be16 port)
{
	return backend->service && backend->port == port &&
	       !memcmp(backend->address, address, sizeof(backend->address));
}

/* Where those that have the endpoint begin, and some others. */
static __u32 *place(const struct store *store, const __u64 address[2], __be16 port)
{
	return &store->sharing.first[lb_endpoint_hash(address, port) >> store->sharing.shift];
}

void sharing_add(struct store *store, __u32 backend)
{
	const struct lb_backend_config *config = &store->backend[backend];
	__u32 *first = place(store, config->address, config->port);

	store->sharing.next[backend] = *first;
	*first = backend;
}

int sharing_index(struct store *store)
{
	__u32 count = store->control->max_backends;
	__u32 bits = 32 - __builtin_clz(count);

	sharing_release(&store->sharing);
	store->sharing = (struct sharing){
		.first = calloc(1U << bits, sizeof(*store->sharing.first)),
		.next = calloc(count, sizeof(*store->sharing.next)),
		.shift = 64 - bits,
	};
	if (!store->sharing.first || !store->sharing.next)
		return -ENOMEM;
	for (__u32 id = 1; id < count; id++)
		if (store->backend[id].service)
			sharing_add(store, id);
	return 0;
}

void sharing_release(struct sharing *sharing)
{
	free(sharing->first);
	free(sharing->next);
	*sharing = (struct sharing){0};
}

size_t sharing_count(const struct store *store, const __u64 address[2], __be16 port, __u8 protocol)
{
	size_t count = 0;

	for (__u32 id = *place(store, address, port); id; id = store->sharing.next[id])
		count += is_at(&store->backend[id], address, port) &&
			 store->service[store->backend[id].service].protocol == protocol;
	return count;
}

__u32 sharing_rival(const struct store *store, __u32 backend)
{
	const struct lb_backend_config *own = &store->backend[backend];
	__u32 id = *place(store, own->address, own->port);

	for (; id; id = store->sharing.next[id]) {
		const struct lb_backend_config *other = &store->backend[id];

		if (is_at(other, own->address, own->port) && other->service != own->service &&
		    persist_needs_own_backends(&store->service[other->service]))
			return other->service;
	}
	return 0;
}
