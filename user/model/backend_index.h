/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Index of a configuration's backends, by endpoint and by service.
 *
 * With it, an added backend and a service to compile cost no scan of all backends. A backend
 * that is removed stays in the index: the caller skips records that no longer match.
 *
 * Pure: owns its arrays, until backend_index_release().
 */
#ifndef MODEL_BACKEND_INDEX_H
#define MODEL_BACKEND_INDEX_H

#include "lb/abi.h"

struct backend_index {
	__u32 max_services;
	__u32 max_backends;
	__u32 shift; /* leaves the upper bits of an endpoint's hash */
	__u32 *endpoint_first; /* by those bits: a backend id; 0 = none */
	__u32 *endpoint_next; /* by backend id: the next one with the same bits */
	__u32 *member_first; /* by service id: its lowest backend id; 0 = none */
	__u32 *member_last; /* by service id: its highest backend id */
	__u32 *member_next; /* by backend id: the next higher one of the same service */
};

/* Allocates an empty index. Returns 0 or -ENOMEM. The caller releases it in either case. */
int backend_index_create(struct backend_index *index, __u32 max_services, __u32 max_backends);
void backend_index_release(struct backend_index *index);

/* Removes all backends from the index. */
void backend_index_clear(struct backend_index *index);

/* Adds a backend; ids may come in any order, ascending ones cost least. */
void backend_index_add(struct backend_index *index, __u32 id,
		       const struct lb_backend_config *backend);

/* The first candidate for an endpoint; endpoint_next[] leads to the others. 0 = none. */
__u32 backend_index_find(const struct backend_index *index, const __u64 address[2], __be16 port);

#endif
