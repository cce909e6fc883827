/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is it ours? The directory knows the endpoints that packets for a service go
 * to, and those that a backend's replies come from.
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

/* The directory's entry of an endpoint, or NULL. */
static __always_inline struct lb_directory_entry *directory_find(const __u64 address[2],
								 __be16 port, __u8 protocol,
								 enum lb_role role)
{
	__u32 selector = lb_selector(port, protocol, role);
	struct lb_control *head = map_get(&control, 0);
	struct lb_directory_entry *entry;
	__u32 base, mask, home;
	__u64 word;

	if (!head)
		return NULL;
	word = *(volatile __u64 *)&head->directory;
	base = word >> 32;
	mask = word;
	home = lb_endpoint_hash(address, selector, seed()) >> 32;
#pragma unroll
	for (__u32 i = 0; i < LB_PROBES_MAX; i++) {
		entry = map_get(&directory, base + ((home + i) & mask));
		if (!entry || !entry->selector)
			return NULL;
		if (entry_matches(entry, address, selector))
			return entry;
	}
	return NULL;
}

#endif
