/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sharing: backends of several services that have one endpoint.
 *
 * A writer's store keeps an index of its copy's backends by their endpoints, so that many can be
 * added without a walk through all for each: made with the copy, told of what is added
 * (store_backend_add). What is removed is not looked at any more.
 */
#ifndef STORE_ENDPOINT_INDEX_H
#define STORE_ENDPOINT_INDEX_H

#include <stddef.h>

#include "lb/abi.h"

struct store;

struct endpoint_index {
	__u32 *first; /* by the upper bits of an endpoint's hash: a backend; 0 = none */
	__u32 *next; /* by id: another one with the same bits */
	__u32 shift; /* leaves these bits of a hash */
};

/* Makes the index of a store's copy, or makes it anew. 0 or -ENOMEM. */
int endpoint_index_build(struct store *store);
void endpoint_index_release(struct endpoint_index *endpoint_index);

/* Takes a backend that was added into it. */
void endpoint_index_add(struct store *store, __u32 backend);

/* The backends of any service that have the endpoint. */
size_t endpoint_index_count(const struct store *store, const __u64 address[2], __be16 port,
			    __u8 protocol);

/* The other service that knows a backend's replies by their source alone; 0 = none. */
__u32 endpoint_index_conflict(const struct store *store, __u32 backend);

#endif
