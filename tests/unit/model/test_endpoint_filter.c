// SPDX-License-Identifier: GPL-2.0-only
/* Endpoint filter: endpoints of a table pass, those of the old one until it is narrowed. */
#include <string.h>

#include "core/tap.h"
#include "model/endpoint_filter.h"

#define ITEMS 200

static bool passes(const __u64 filter[LB_FILTER_WORDS], __u64 address, enum lb_role role)
{
	const __u64 words[2] = {0, address};
	__u64 hash = lb_filter_hash(words, role);

	return filter[LB_FILTER_WORD(hash)] >> LB_FILTER_BIT(hash) & 1;
}

static void fill(__u64 first, __u64 filter[LB_FILTER_WORDS])
{
	struct endpoint_item items[ITEMS];

	for (unsigned int i = 0; i < ITEMS; i++)
		items[i] = (struct endpoint_item){
			.address = {0, first + i},
			.selector = lb_selector(80, 6, 1 + i % 3, true),
		};
	endpoint_filter_build(items, ITEMS, filter);
}

/* Returns how many of them pass, by role. SNAT sources are looked up as services. */
static unsigned int passing(__u64 first, const __u64 filter[LB_FILTER_WORDS])
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < ITEMS; i++)
		count += passes(filter, first + i,
				1 + i % 3 == LB_ROLE_BACKEND ? LB_ROLE_BACKEND : LB_ROLE_SERVICE);
	return count;
}

int main(void)
{
	static struct lb_control control;
	__u64 old[LB_FILTER_WORDS], new[LB_FILTER_WORDS];

	memset(old, 0xff, sizeof(old));
	fill(1000, old);
	fill(900000, new);
	is_int(passing(1000, old), ITEMS, "all endpoints of a table pass its filter");
	ok(passing(5000000, old) < 10, "few foreign endpoints pass");
	endpoint_filter_narrow(&control, old);
	endpoint_filter_widen(&control, new);
	is_int(passing(1000, control.filter) + passing(900000, control.filter), 2 * ITEMS,
	       "a widened filter passes both tables");
	endpoint_filter_narrow(&control, new);
	is_int(passing(900000, control.filter), ITEMS, "a narrowed filter passes the new table");
	ok(passing(1000, control.filter) < 10, "a narrowed filter rejects the old table");
	return tap_done();
}
