/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is it ours? The directory knows the endpoints that packets for a service go
 * to, and those that a backend's replies come from. Before it stands a filter,
 * so that what is none of ours costs next to nothing.
 */
#ifndef BPF_CORE_ENDPOINTS_H
#define BPF_CORE_ENDPOINTS_H

#include "core/maps.h"

/* An endpoint to look for; the same words as in a directory's entry. */
struct endpoint {
	__u64 address[2];
	__u32 selector;
	__u32 zero;
};

static __always_inline bool entry_matches(const struct lb_endpoint_entry *entry,
					  const __u64 address[2], __u32 selector)
{
	return entry->selector == selector && entry->address[1] == address[1] &&
	       entry->address[0] == address[0];
}

/* May the directory have an endpoint with this address? */
static __always_inline bool filter_may_match(const __u64 address[2], enum lb_role role)
{
	__u64 hash = lb_filter_hash(address, role);

	return ((volatile __u64 *)control.filter)[LB_FILTER_WORD(hash)] >> LB_FILTER_BIT(hash) & 1;
}

/* The entry where an endpoint with this hash stands, if it stands in its first place. */
static __always_inline __u32 preferred_index(__u64 table, __u64 hash)
{
	return (table >> 32) + (hash >> (table & 63));
}

/* The entry some steps further, around the end. */
static __always_inline __u32 probe_index(__u64 table, __u64 hash, __u32 steps)
{
	__u64 mask = ~0ULL >> (table & 63);

	return (table >> 32) + (((hash >> (table & 63)) + steps) & mask);
}

/* 1 plus the index of the endpoint's entry, searched from the second place on; 0 if there is none. */
__noinline __u32 endpoint_probe(const struct endpoint *endpoint, __u64 hash, __u64 table)
{
	if (!endpoint)
		return 0;
	for (__u32 i = 1; i < LB_ENDPOINT_PROBES_MAX; i++) {
		__u32 index = probe_index(table, hash, i);
		struct lb_endpoint_entry *entry = endpoint_get(index);

		if (!entry || !entry->selector)
			return 0;
		if (entry_matches(entry, endpoint->address, endpoint->selector))
			return index + 1;
	}
	return 0;
}

/* The directory's entry of an endpoint, or NULL. Most stand in their first place. */
static __always_inline struct lb_endpoint_entry *endpoint_lookup_exact(const __u64 address[2],
								       __u32 selector)
{
	__u64 hash = lb_endpoint_hash(address, selector);
	__u64 table = *(volatile __u64 *)&control.endpoints;
	struct lb_endpoint_entry *entry = endpoint_get(preferred_index(table, hash));

	if (!entry || !entry->selector)
		return NULL;
	if (unlikely(!entry_matches(entry, address, selector))) {
		struct endpoint endpoint = {{address[0], address[1]}, selector, 0};
		__u32 number = endpoint_probe(&endpoint, hash, table);

		entry = number ? endpoint_get(number - 1) : NULL;
	}
	return entry;
}

/* The endpoint at a port, or the one on all ports of the address. */
static __always_inline struct lb_endpoint_entry *endpoint_lookup(const __u64 address[2],
								 __u32 selector)
{
	struct lb_endpoint_entry *entry = endpoint_lookup_exact(address, selector);

	return entry ? entry : endpoint_lookup_exact(address, lb_selector_all_ports(selector));
}

#endif
