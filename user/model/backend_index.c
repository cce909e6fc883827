// SPDX-License-Identifier: GPL-2.0-only
#include "model/backend_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t bucket_count(const struct backend_index *index)
{
	return (size_t)1 << (64 - index->shift);
}

int backend_index_create(struct backend_index *index, __u32 max_services, __u32 max_backends)
{
	*index = (struct backend_index){
		.max_services = max_services,
		.max_backends = max_backends,
		.shift = 32 + __builtin_clz(max_backends),
	};
	index->endpoint_first = calloc(bucket_count(index), sizeof(__u32));
	index->endpoint_next = calloc(max_backends, sizeof(__u32));
	index->member_first = calloc(max_services, sizeof(__u32));
	index->member_last = calloc(max_services, sizeof(__u32));
	index->member_next = calloc(max_backends, sizeof(__u32));
	return index->endpoint_first && index->endpoint_next && index->member_first &&
			       index->member_last && index->member_next
		       ? 0
		       : -ENOMEM;
}

void backend_index_release(struct backend_index *index)
{
	free(index->endpoint_first);
	free(index->endpoint_next);
	free(index->member_first);
	free(index->member_last);
	free(index->member_next);
	*index = (struct backend_index){0};
}

/* The next[] arrays need no clearing: backend_index_add() writes a backend's entries. */
void backend_index_clear(struct backend_index *index)
{
	memset(index->endpoint_first, 0, bucket_count(index) * sizeof(__u32));
	memset(index->member_first, 0, index->max_services * sizeof(__u32));
	memset(index->member_last, 0, index->max_services * sizeof(__u32));
}

static __u32 *bucket(const struct backend_index *index, const __u64 address[2], __be16 port)
{
	return &index->endpoint_first[lb_endpoint_hash(address, port) >> index->shift];
}

/* Keeps the members of a service in the order of their ids. */
static void add_member(struct backend_index *index, __u32 id, __u16 service)
{
	__u32 *link = &index->member_first[service];

	if (index->member_last[service] && index->member_last[service] < id)
		link = &index->member_next[index->member_last[service]];
	while (*link && *link < id)
		link = &index->member_next[*link];
	index->member_next[id] = *link;
	*link = id;
	if (index->member_last[service] < id)
		index->member_last[service] = id;
}

void backend_index_add(struct backend_index *index, __u32 id,
		       const struct lb_backend_config *backend)
{
	__u32 *first = bucket(index, backend->address, backend->port);
	__u16 service = backend->service;

	index->endpoint_next[id] = *first;
	*first = id;
	if (service < index->max_services) /* else a writer is changing the record right now */
		add_member(index, id, service);
}

__u32 backend_index_find(const struct backend_index *index, const __u64 address[2], __be16 port)
{
	return *bucket(index, address, port);
}
