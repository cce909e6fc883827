/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is it ours? The directory knows the endpoints that packets for a service go
 * to, and those that a backend's replies come from. Before it stands a filter,
 * so that what is none of ours costs next to nothing.
 */
#ifndef LB_BPF_SERVICE_H
#define LB_BPF_SERVICE_H

#include "map.h"

static __always_inline bool entry_matches(const struct lb_directory_entry *entry,
					  const __u64 address[2], __u32 selector)
{
	return entry->selector == selector && entry->address[1] == address[1] &&
	       entry->address[0] == address[0];
}

/* May the directory have an endpoint with this hash? */
static __always_inline bool filter_passes(__u64 hash)
{
	__u64 word = ((volatile __u64 *)control.filter)[LB_FILTER_WORD(hash)];

	return word & LB_FILTER_BIT(hash);
}

/* The directory's entry of an endpoint, or NULL. */
static __always_inline struct lb_directory_entry *directory_find(const __u64 address[2],
								 __be16 port, __u8 protocol,
								 enum lb_role role)
{
	__u32 selector = lb_selector(port, protocol, role);
	__u64 hash = lb_endpoint_hash(address, selector, seed());
	struct lb_directory_entry *entry;
	__u64 word;

	if (!filter_passes(hash))
		return NULL;
	word = *(volatile __u64 *)&control.directory;
	for (__u32 i = 0; i < LB_PROBES_MAX; i++) {
		__u32 place = ((__u32)(hash >> 32) + i) & (__u32)word;

		entry = map_get(&directory, (__u32)(word >> 32) + place);
		if (!entry || !entry->selector)
			return NULL;
		if (entry_matches(entry, address, selector))
			return entry;
	}
	return NULL;
}

#endif
