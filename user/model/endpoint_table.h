/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Endpoint table: maps VIP and backend endpoints to ids. Builds one of its two copies. The
 * caller owns the map's memory, makes sure that no packet reads the copy, and publishes the
 * descriptor.
 *
 * A copy is a hash part, sized to its content, followed by an overflow part. In the hash part
 * an endpoint (address and selector) is within LB_ENDPOINT_PROBES_MAX entries of its preferred
 * index, lb_endpoint_hash(), wrapping around the end; an empty entry ends a search. Backends
 * that share an endpoint are chained through the overflow part, in the order given.
 *
 * Robin Hood insertion evens out displacements (Celis, Larson, Munro, "Robin Hood hashing",
 * FOCS 1985). The hash part is at most a quarter full. One endpoint in 10^8 is then beyond the
 * limit (with first come, first served: one in 20,000), and makes the table grow.
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
	bool first_only; /* of items with the same endpoint only the first is entered */
};

/* Returns the size of a copy that suffices for these limits. */
__u32 endpoint_table_entries(__u32 max_services, __u32 max_backends);

/*
 * Writes a copy of `entries` entries, which begins at `copy` and has index `base` in the map.
 * *descriptor is the value for lb_control.endpoints. Returns 0; -ENOSPC if the items do not
 * fit; -E2BIG if more than LB_ENDPOINT_CHAIN_MAX share an endpoint. On failure *descriptor is
 * untouched, and the copy is invalid.
 */
int endpoint_table_build(struct lb_endpoint_entry *copy, __u32 base, __u32 entries,
			 const struct endpoint_item *items, size_t count, __u64 *descriptor);

#endif
