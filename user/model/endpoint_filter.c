// SPDX-License-Identifier: GPL-2.0-only
#include "model/endpoint_filter.h"

#include <string.h>

void endpoint_filter_build(const struct endpoint_item *items, size_t count,
			   __u64 filter[LB_FILTER_WORDS])
{
	memset(filter, 0, LB_FILTER_WORDS * sizeof(*filter));
	for (size_t i = 0; i < count; i++) {
		enum lb_role role = lb_selector_role(items[i].selector);
		__u64 hash = lb_filter_hash(items[i].address,
					    role == LB_ROLE_SNAT_SOURCE ? LB_ROLE_SERVICE : role);

		filter[LB_FILTER_WORD(hash)] |= 1ULL << LB_FILTER_BIT(hash);
	}
}

void endpoint_filter_widen(struct lb_control *control, const __u64 filter[LB_FILTER_WORDS])
{
	for (__u32 i = 0; i < LB_FILTER_WORDS; i++)
		__atomic_fetch_or(&control->filter[i], filter[i], __ATOMIC_RELEASE);
}

void endpoint_filter_narrow(struct lb_control *control, const __u64 filter[LB_FILTER_WORDS])
{
	for (__u32 i = 0; i < LB_FILTER_WORDS; i++)
		__atomic_store_n(&control->filter[i], filter[i], __ATOMIC_RELAXED);
}
