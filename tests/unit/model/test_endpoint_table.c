// SPDX-License-Identifier: GPL-2.0-only
/*
 * Endpoint table: lookups as in the datapath, compared with a linear search of the items.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "core/tap.h"
#include "model/endpoint_table.h"
#include "random.h"

#define ITEMS_MAX 140000

static struct endpoint_item items[ITEMS_MAX];
static size_t items_count;

/* A map of two copies of exact size, so that a sanitizer detects accesses beyond it. */
static struct lb_endpoint_entry *map;
static __u32 entries;
static __u64 descriptor;

static void add_item(__u64 address, __u32 selector, __u32 id)
{
	items[items_count++] =
		(struct endpoint_item){.address = {0, address}, .selector = selector, .id = id};
}

static void random_item(void)
{
	struct endpoint_item *item = &items[items_count++];

	item->address[0] = random_word();
	item->address[1] = random_word();
	item->selector = lb_selector(random_word(), IPPROTO_TCP, LB_ROLE_BACKEND, 0);
	item->id = items_count;
}

/* Builds copy 0 or 1 over old content. */
static int build(int copy, __u32 capacity)
{
	entries = capacity;
	free(map);
	map = malloc(2 * entries * sizeof(*map));
	memset(map, 0x5a, 2 * entries * sizeof(*map));
	descriptor = 4711;
	return endpoint_table_build(map + copy * entries, copy * entries, entries, items,
				    items_count, &descriptor);
}

/* Entries of the hash part. */
static __u32 hash_part(void)
{
	return 1U << (64 - (descriptor & 63));
}

static const struct lb_endpoint_entry *look_up(const __u64 address[2], __u32 selector)
{
	__u32 base = descriptor >> 32;
	__u32 preferred = lb_endpoint_hash(address, selector) >> (descriptor & 63);

	for (__u32 i = 0; i < LB_ENDPOINT_PROBES_MAX; i++) {
		const struct lb_endpoint_entry *entry = &map[base + (preferred + i) % hash_part()];

		if (!entry->selector)
			return NULL;
		if (entry->address[0] == address[0] && entry->address[1] == address[1] &&
		    entry->selector == selector)
			return entry;
	}
	return NULL;
}

/* Returns whether the items of one endpoint are found in order; marks them in `seen`. */
static bool chain_agrees(size_t first, bool *seen)
{
	const struct endpoint_item *item = &items[first];
	const struct lb_endpoint_entry *entry = look_up(item->address, item->selector);

	for (size_t i = first; i < items_count; i++) {
		if (seen[i] || items[i].selector != item->selector ||
		    memcmp(items[i].address, item->address, sizeof(item->address)))
			continue;
		seen[i] = true;
		if (!entry || entry->id != items[i].id || entry->zero)
			return false;
		entry = entry->next ? &map[entry->next] : NULL;
	}
	return !entry;
}

/* Returns the used entries of the hash part; -1 if an unused one is not zero. */
static long used_entries(void)
{
	static const struct lb_endpoint_entry empty;
	__u32 base = descriptor >> 32;
	long used = 0;

	for (__u32 i = 0; i < hash_part(); i++) {
		if (map[base + i].selector)
			used++;
		else if (memcmp(&map[base + i], &empty, sizeof(empty)))
			return -1;
	}
	return used;
}

/* Returns whether table and items agree in both directions. */
static bool agrees(void)
{
	bool *seen = calloc(items_count + 1, sizeof(*seen));
	bool good = true;
	long distinct = 0;

	for (size_t i = 0; i < items_count && good; i++) {
		if (seen[i])
			continue;
		distinct++;
		good = chain_agrees(i, seen);
	}
	for (int i = 0; i < 1000; i++) {
		__u64 foreign[2] = {random_word(), random_word()};

		good &= !look_up(foreign, 6);
	}
	free(seen);
	return good && used_entries() == distinct;
}

/* Returns whether building the other copy left this one alone. */
static bool copy_is_untouched(int copy)
{
	const char *byte = (const char *)(map + copy * entries);

	for (size_t i = 0; i < entries * sizeof(*map); i++)
		if (byte[i] != 0x5a)
			return false;
	return true;
}

static void test_sizes(void)
{
	bool fits = true;

	for (__u32 services = 1; services < 70000; services = services * 3 + 1) {
		for (__u32 backends = 1; backends < 70000; backends = backends * 3 + 1) {
			__u32 hash = endpoint_table_entries(services, backends) - backends;

			fits &= hash >= 4 * (services + backends) && !(hash & (hash - 1));
		}
	}
	ok(fits, "a copy is a sparse power of two plus overflow");
	is_int(endpoint_table_entries(256, 4096), 32768 + 4096,
	       "the default limits need 36864 entries");
}

static void test_empty(void)
{
	__u64 address[2] = {0, 1};

	items_count = 0;
	is_int(build(0, 16), 0, "an empty table is built");
	ok(descriptor == LB_ENDPOINTS_EMPTY && used_entries() == 0,
	   "an empty table has 16 empty entries");
	ok(!look_up(address, 1), "an empty table finds nothing");
	is_int(build(1, 40), 0, "the second copy is built");
	ok(descriptor == (40ULL << 32 | LB_ENDPOINTS_EMPTY) && copy_is_untouched(0),
	   "the first copy is untouched");
	is_int(build(0, 15), -ENOSPC, "fewer than 16 entries are an error");
	is_int(descriptor, 4711, "an error leaves the descriptor untouched");
}

static void test_random(void)
{
	bool good = true, alone = true;

	for (int round = 0; round < 200; round++) {
		__u32 count = random_below(round % 4 ? 60 : 1500);
		int copy = round % 2;

		items_count = 0;
		while (items_count < count) {
			random_item();
			if (items_count > 1 && random_below(3) == 0) {
				items[items_count - 1] = items[random_below(items_count - 1)];
				items[items_count - 1].id = items_count;
			}
		}
		good &= !build(copy, endpoint_table_entries(0, count)) && agrees();
		good &= hash_part() >= 4 * count;
		alone &= copy_is_untouched(!copy);
	}
	ok(good, "random endpoints are found, and no others");
	ok(alone, "the other copy is untouched");
}

/* Returns whether distinct endpoints are found, each without a chain. */
static bool all_are_found(void)
{
	for (size_t i = 0; i < items_count; i++) {
		const struct lb_endpoint_entry *entry =
			look_up(items[i].address, items[i].selector);

		if (!entry || entry->id != items[i].id || entry->next)
			return false;
	}
	return used_entries() == (long)items_count;
}

/* One network with consecutive ports, as in real configurations. */
static void test_large(void)
{
	items_count = 0;
	for (__u32 i = 1; i <= 65535; i++) {
		add_item(0x0a00000affff0000ULL + ((__u64)i << 40), lb_selector(80, 6, 2, 1), i);
		add_item(0x010200c0ffff0000ULL, lb_selector(i, 6, 1, 1), i);
	}
	ok(!build(1, endpoint_table_entries(65535, 65535)) && all_are_found(),
	   "65535 services and backends are found");
	is_int(hash_part(), 524288, "the hash part is a quarter full");
}

static void test_shared_endpoints(void)
{
	items_count = 0;
	for (__u32 i = 1; i <= LB_ENDPOINT_CHAIN_MAX; i++)
		add_item(1, 7, i);
	ok(!build(1, 600) && agrees(), "64 items of one endpoint are found in order");
	ok(look_up(items[0].address, 7)->next == 600 + hash_part(),
	   "the overflow part follows the hash part");
	is_int(build(0, 256 + 62), -ENOSPC, "an overflow part that is too small is an error");
	is_int(build(0, 256 + 63), 0, "an overflow part of exact size suffices");
	add_item(1, 7, 65);
	is_int(build(0, 1024), -E2BIG, "a 65th item of an endpoint is an error");
	is_int(descriptor, 4711, "an error leaves the descriptor untouched");
	items[64].selector = 8;
	is_int(build(0, 1024), 0, "another port is another endpoint");
}

/* Random endpoints that prefer entry `first` in a hash part of `size`. */
static void colliding_items(size_t count, __u32 first, __u32 size)
{
	items_count = 0;
	while (items_count < count) {
		struct endpoint_item *item = &items[items_count];

		random_item();
		if (lb_scale(lb_endpoint_hash(item->address, item->selector), size) != first)
			items_count--;
	}
}

static void test_wrap(void)
{
	colliding_items(4, 15, 16);
	ok(!build(0, 20) && agrees(), "four endpoints that prefer the last entry are found");
	is_int(hash_part(), 16, "the hash part has 16 entries");
	ok(map[15].selector && map[0].selector && map[2].selector && !map[3].selector,
	   "the search wraps around the end");
	colliding_items(8, 30, 32);
	ok(!build(0, 32) && agrees() && hash_part() == 32,
	   "8 endpoints that prefer one entry are found");
}

static void test_growth(void)
{
	colliding_items(9, 5, 64);
	is_int(build(0, 64), -ENOSPC, "9 endpoints that prefer one entry do not fit");
	ok(!build(0, 1024) && agrees() && hash_part() > 64,
	   "the hash part grows if there is space");
	items[items_count] = items[0];
	items[items_count++].id = 10;
	is_int(build(0, 128), -ENOSPC, "the hash part leaves space for the overflow");
	ok(!build(1, 1025) && agrees(), "the hash part grows up to the overflow");
}

int main(void)
{
	test_sizes();
	test_empty();
	test_random();
	test_large();
	test_shared_endpoints();
	test_wrap();
	test_growth();
	free(map);
	return tap_done();
}
