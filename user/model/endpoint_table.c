// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "model/endpoint_table.h"

#define HASH_ENTRIES_MIN 16U
#define HASH_SPARSENESS	 4U /* minimum hash entries per item */

/* An endpoint would be too far from its preferred entry: the hash part has to grow. */
#define TOO_FAR 1

/* The copy being built. */
struct table {
	struct lb_endpoint_entry *entry;
	__u32 base; /* index in the map of the first entry */
	__u32 entries; /* capacity */
	__u32 shift; /* 64 minus the number of hash bits that index the hash part */
	__u32 mask; /* hash entries minus one */
	__u32 used; /* hash part and overflow */
};

/* Returns a power of two that is at least `wanted`. */
static __u64 hash_entries(__u64 wanted)
{
	__u64 size = HASH_ENTRIES_MIN;

	while (size < wanted)
		size *= 2;
	return size;
}

__u32 endpoint_table_entries(__u32 max_services, __u32 max_backends)
{
	return hash_entries(HASH_SPARSENESS * (2 * (__u64)max_services + max_backends)) +
	       max_backends;
}

static __u32 preferred_index(const struct table *table, const struct lb_endpoint_entry *entry)
{
	__u64 hash = lb_endpoint_hash(entry->address, entry->selector);

	return hash >> table->shift;
}

static bool is_same_endpoint(const struct lb_endpoint_entry *a, const struct lb_endpoint_entry *b)
{
	return a->address[0] == b->address[0] && a->address[1] == b->address[1] &&
	       a->selector == b->selector;
}

static struct lb_endpoint_entry *find(const struct table *table,
				      const struct lb_endpoint_entry *wanted)
{
	__u32 first = preferred_index(table, wanted);

	for (__u32 i = 0; i < LB_ENDPOINT_PROBES_MAX; i++) {
		struct lb_endpoint_entry *entry = &table->entry[(first + i) & table->mask];

		if (!entry->selector)
			return NULL;
		if (is_same_endpoint(entry, wanted))
			return entry;
	}
	return NULL;
}

/* Robin Hood insertion: an entry displaces one that is nearer to its preferred index. */
static int insert(struct table *table, struct lb_endpoint_entry moving)
{
	__u32 index = preferred_index(table, &moving);

	for (__u32 distance = 0; distance < LB_ENDPOINT_PROBES_MAX; distance++, index++) {
		struct lb_endpoint_entry *position = &table->entry[index & table->mask];
		struct lb_endpoint_entry displaced = *position;
		__u32 displaced_distance =
			(index - preferred_index(table, &displaced)) & table->mask;

		if (!displaced.selector) {
			*position = moving;
			return 0;
		}
		if (displaced_distance < distance) {
			*position = moving;
			moving = displaced;
			distance = displaced_distance;
		}
	}
	return TOO_FAR;
}

/* Appends to the chain that begins at `first`. */
static int append(struct table *table, struct lb_endpoint_entry *first,
		  const struct lb_endpoint_entry *added)
{
	struct lb_endpoint_entry *last = first;
	__u32 length = 1;

	for (; last->next; length++)
		last = &table->entry[last->next - table->base];
	if (length == LB_ENDPOINT_CHAIN_MAX)
		return -E2BIG;
	if (table->used == table->entries)
		return -ENOSPC;
	table->entry[table->used] = *added;
	last->next = table->base + table->used++;
	return 0;
}

static int add(struct table *table, const struct endpoint_item *item)
{
	struct lb_endpoint_entry entry = {
		.address = {item->address[0], item->address[1]},
		.selector = item->selector,
		.id = item->id,
	};
	struct lb_endpoint_entry *first = find(table, &entry);

	if (first && item->first_only)
		return 0;
	return first ? append(table, first, &entry) : insert(table, entry);
}

/* Rebuilds the table with a hash part of `size` entries. */
static int fill(struct table *table, __u32 size, const struct endpoint_item *items, size_t count)
{
	int err = 0;

	table->mask = size - 1;
	table->shift = 64 - __builtin_ctz(size);
	table->used = size;
	memset(table->entry, 0, size * sizeof(*table->entry));
	for (size_t i = 0; i < count && !err; i++)
		err = add(table, &items[i]);
	return err;
}

int endpoint_table_build(struct lb_endpoint_entry *copy, __u32 base, __u32 entries,
			 const struct endpoint_item *items, size_t count, __u64 *descriptor)
{
	struct table table = {.entry = copy, .base = base, .entries = entries};
	__u64 size = hash_entries((__u64)HASH_SPARSENESS * count);

	for (; size <= entries; size *= 2) {
		int err = fill(&table, size, items, count);

		if (err == TOO_FAR)
			continue;
		if (!err)
			*descriptor = (__u64)base << 32 | table.shift;
		return err;
	}
	return -ENOSPC;
}
