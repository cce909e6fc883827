/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Endpoint table: maps an address and port to a service or backend.
 *
 * It has the endpoints that clients send packets to, and those that backends' replies come from. A
 * bitmap in front of it (lb_control.filter) rejects foreign packets with two loads.
 */
#ifndef BPF_CORE_ENDPOINTS_H
#define BPF_CORE_ENDPOINTS_H

#include "core/maps.h"

/* An address in the ABI's form, as an argument of global functions. */
struct address {
	__u64 word[2];
};

static __always_inline bool entry_matches(const struct lb_endpoint_entry *entry,
					  const __u64 address[2], __u32 selector)
{
	return entry->selector == selector && entry->address[1] == address[1] &&
	       entry->address[0] == address[0];
}

/* False if the table has no endpoint with this address and role; true if it may have one. */
static __always_inline bool filter_may_match(const __u64 address[2], enum lb_role role)
{
	__u64 hash = lb_filter_hash(address, role);

	return ((volatile __u64 *)control.filter)[LB_FILTER_WORD(hash)] >> LB_FILTER_BIT(hash) & 1;
}

/* The preferred index of a hash. */
static __always_inline __u32 preferred_index(__u64 table, __u64 hash)
{
	return (table >> 32) + (hash >> (table & 63));
}

/* The index of a later probe (open addressing); wraps around at the table's end. */
static __always_inline __u32 probe_index(__u64 table, __u64 hash, __u32 steps)
{
	__u64 mask = ~0ULL >> (table & 63);

	return (table >> 32) + (((hash >> (table & 63)) + steps) & mask);
}

/* 1 plus the index of the endpoint's entry, searched from probe `steps` on; 0 if there is none. */
static __always_inline __u32 endpoint_search(const __u64 address[2], __u32 selector, __u64 hash,
					     __u64 table, __u32 steps)
{
	for (__u32 i = steps; i < LB_ENDPOINT_PROBES_MAX; i++) {
		__u32 index = probe_index(table, hash, i);
		struct lb_endpoint_entry *entry = endpoint_get(index);

		if (!entry || !entry->selector)
			return 0;
		if (entry_matches(entry, address, selector))
			return index + 1;
	}
	return 0;
}

/* The probes after the first, for endpoint_lookup_exact(). Global function: rarely called. */
__noinline __u32 endpoint_search_rest(const struct address *address, __u32 selector, __u64 hash,
				      __u64 table)
{
	return address ? endpoint_search(address->word, selector, hash, table, 1) : 0;
}

/* The entry of exactly this endpoint, or NULL. Most entries are found at the first index. */
static __always_inline struct lb_endpoint_entry *endpoint_lookup_exact(const __u64 address[2],
								       __u32 selector)
{
	__u64 hash = lb_endpoint_hash(address, selector);
	__u64 table = *(volatile __u64 *)&control.endpoints;
	struct lb_endpoint_entry *entry = endpoint_get(preferred_index(table, hash));

	if (!entry || !entry->selector)
		return NULL;
	if (unlikely(!entry_matches(entry, address, selector))) {
		struct address copy = {{address[0], address[1]}};
		__u32 found = endpoint_search_rest(&copy, selector, hash, table);

		entry = found ? endpoint_get(found - 1) : NULL;
	}
	return entry;
}

/* All probes, for endpoint_lookup(). Global function: verified once. */
__noinline __u32 endpoint_search_all(const struct address *address, __u32 selector)
{
	__u64 table = *(volatile __u64 *)&control.endpoints;
	__u32 all_ports = lb_selector_all_ports(selector), found;

	if (!address)
		return 0;
	found = endpoint_search(address->word, selector, lb_endpoint_hash(address->word, selector),
				table, 0);
	if (found || selector == all_ports)
		return found;
	return endpoint_search(address->word, all_ports, lb_endpoint_hash(address->word, all_ports),
			       table, 0);
}

/* The entry of this endpoint, else of all ports of its address, else NULL; for the slow path. */
static __always_inline struct lb_endpoint_entry *endpoint_lookup(const __u64 address[2],
								 __u32 selector)
{
	__u32 found = endpoint_search_all((const struct address *)address, selector);

	return found ? endpoint_get(found - 1) : NULL;
}

/* A position in a chain of backends: several services' backends at one endpoint. */
struct endpoint_chain {
	__u32 id; /* of the backend; 0 after the last one */
	__u32 next; /* index of the next entry; 0 = none */
};

/* The chain that begins at an entry; empty for NULL. */
static __always_inline struct endpoint_chain chain_at(const struct lb_endpoint_entry *entry)
{
	return entry ? (struct endpoint_chain){entry->id, entry->next} : (struct endpoint_chain){0};
}

static __always_inline struct endpoint_chain chain_next(struct endpoint_chain chain)
{
	return chain_at(chain.next ? endpoint_get(chain.next) : NULL);
}

#endif
