/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The directory: which endpoints are ours. Builds one of its two copies; the
 * caller owns the map's memory, sees to it that no packet reads the copy any
 * more, and publishes the word that comes out.
 *
 * A copy is a hash part, sized to its content, and right behind it an overflow
 * part. In the hash part an endpoint (address and selector) stands within
 * LB_ENDPOINT_PROBES_MAX entries from where lb_endpoint_hash() puts it, counted around
 * the end; an empty entry ends a search. Backends that share an endpoint are
 * chained through the overflow part, in the order given.
 *
 * Displacements are evened out by Robin Hood insertion (Celis, Larson, Munro,
 * "Robin Hood hashing", FOCS 1985): at the quarter full that the hash part is at
 * most, one endpoint in 10^8 would stand beyond the limit (first come, first
 * served: one in 20,000), and growing takes care of that.
 *
 * Pure: keeps nothing.
 */
#ifndef MODEL_ENDPOINT_TABLE_H
#define MODEL_ENDPOINT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/abi.h"

struct endpoint_item {
	__u64 address[2];
	__u32 selector; /* lb_selector(); not 0 */
	__u32 id; /* of the service or backend */
	bool first_only; /* of several with the same endpoint, the first will do */
};

/* Entries of one copy that holds whatever the limits allow. */
__u32 endpoint_table_entries(__u32 max_services, __u32 max_backends);

/*
 * Writes the copy that begins at `copy` with index `base` in the map and has room
 * for `entries`. *word is what to store in lb_control.endpoints. Returns 0;
 * -ENOSPC when the items do not fit; -E2BIG when more than LB_ENDPOINT_CHAIN_MAX share
 * one endpoint. On failure *word is untouched, and the copy is of no use.
 */
int endpoint_table_build(struct lb_endpoint_entry *copy, __u32 base, __u32 entries,
			 const struct endpoint_item *items, size_t count, __u64 *descriptor);

#endif
