// SPDX-License-Identifier: GPL-2.0-only
#include "store/endpoint_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/persistence.h"
#include "store/store.h"

static bool has_endpoint(const struct lb_backend_config *backend, const __u64 address[2],
			 __be16 port)
{
	return backend->service && backend->port == port &&
	       !memcmp(backend->address, address, sizeof(backend->address));
}

/* Where those that have the endpoint begin, and some others. */
static __u32 *bucket(const struct store *store, const __u64 address[2], __be16 port)
{
	return &store->endpoint_index
			.first[lb_endpoint_hash(address, port) >> store->endpoint_index.shift];
}

void endpoint_index_add(struct store *store, __u32 backend)
{
	const struct lb_backend_config *config = &store->backend[backend];
	__u32 *first = bucket(store, config->address, config->port);

	store->endpoint_index.next[backend] = *first;
	*first = backend;
}

int endpoint_index_build(struct store *store)
{
	__u32 count = store->control->max_backends;
	__u32 bits = 32 - __builtin_clz(count);

	endpoint_index_release(&store->endpoint_index);
	store->endpoint_index = (struct endpoint_index){
		.first = calloc(1U << bits, sizeof(*store->endpoint_index.first)),
		.next = calloc(count, sizeof(*store->endpoint_index.next)),
		.shift = 64 - bits,
	};
	if (!store->endpoint_index.first || !store->endpoint_index.next)
		return -ENOMEM;
	for (__u32 id = 1; id < count; id++)
		if (store->backend[id].service)
			endpoint_index_add(store, id);
	return 0;
}

void endpoint_index_release(struct endpoint_index *endpoint_index)
{
	free(endpoint_index->first);
	free(endpoint_index->next);
	*endpoint_index = (struct endpoint_index){0};
}

size_t endpoint_index_count(const struct store *store, const __u64 address[2], __be16 port,
			    __u8 protocol)
{
	size_t count = 0;

	for (__u32 id = *bucket(store, address, port); id; id = store->endpoint_index.next[id])
		count += has_endpoint(&store->backend[id], address, port) &&
			 store->service[store->backend[id].service].protocol == protocol;
	return count;
}

__u32 endpoint_index_conflict(const struct store *store, __u32 backend)
{
	const struct lb_backend_config *own = &store->backend[backend];
	__u32 id = *bucket(store, own->address, own->port);

	for (; id; id = store->endpoint_index.next[id]) {
		const struct lb_backend_config *other = &store->backend[id];

		if (has_endpoint(other, own->address, own->port) &&
		    other->service != own->service &&
		    persist_needs_exclusive_backends(&store->service[other->service]))
			return other->service;
	}
	return 0;
}
