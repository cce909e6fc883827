// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "model/endpoint_table.h"

#define HASH_ENTRIES_MIN 16U
#define HASH_SPARSENESS	 4U /* hash entries per item, at least */

/* An endpoint would stand too far from its hash: the hash part has to grow. */
#define CROWDED 1

/* The copy being built. */
struct table {
	struct lb_directory_entry *entry;
	__u32 base; /* index in the map of the first entry */
	__u32 entries; /* room */
	__u32 shift; /* 64 minus the bits of a hash that number the hash entries */
	__u32 mask; /* hash entries minus one */
	__u32 used; /* hash part and overflow */
};

/* At least `wanted`, and a power of two. */
static __u64 hash_entries(__u64 wanted)
{
	__u64 size = HASH_ENTRIES_MIN;

	while (size < wanted)
		size *= 2;
	return size;
}

__u32 directory_entries(__u32 max_services, __u32 max_backends)
{
	return hash_entries(HASH_SPARSENESS * (2 * (__u64)max_services + max_backends)) +
	       max_backends;
}

static __u32 home(const struct table *table, const struct lb_directory_entry *entry)
{
	__u64 hash = lb_endpoint_hash(entry->address, entry->selector);

	return hash >> table->shift;
}

static bool same_endpoint(const struct lb_directory_entry *a, const struct lb_directory_entry *b)
{
	return a->address[0] == b->address[0] && a->address[1] == b->address[1] &&
	       a->selector == b->selector;
}

static struct lb_directory_entry *find(const struct table *table,
				       const struct lb_directory_entry *wanted)
{
	__u32 first = home(table, wanted);

	for (__u32 i = 0; i < LB_PROBES_MAX; i++) {
		struct lb_directory_entry *entry = &table->entry[(first + i) & table->mask];

		if (!entry->selector)
			return NULL;
		if (same_endpoint(entry, wanted))
			return entry;
	}
	return NULL;
}

/* Robin Hood: who is further from home takes the place, who had it moves on. */
static int insert(struct table *table, struct lb_directory_entry carried)
{
	__u32 index = home(table, &carried);

	for (__u32 distance = 0; distance < LB_PROBES_MAX; distance++, index++) {
		struct lb_directory_entry *place = &table->entry[index & table->mask];
		struct lb_directory_entry taken = *place;
		__u32 theirs = (index - home(table, &taken)) & table->mask;

		if (!taken.selector) {
			*place = carried;
			return 0;
		}
		if (theirs < distance) {
			*place = carried;
			carried = taken;
			distance = theirs;
		}
	}
	return CROWDED;
}

/* To the end of the chain that begins at `first`. */
static int append(struct table *table, struct lb_directory_entry *first,
		  const struct lb_directory_entry *sharer)
{
	struct lb_directory_entry *last = first;
	__u32 sharers = 1;

	for (; last->next; sharers++)
		last = &table->entry[last->next - table->base];
	if (sharers == LB_SHARERS_MAX)
		return -E2BIG;
	if (table->used == table->entries)
		return -ENOSPC;
	table->entry[table->used] = *sharer;
	last->next = table->base + table->used++;
	return 0;
}

static int add(struct table *table, const struct directory_item *item)
{
	struct lb_directory_entry entry = {
		.address = {item->address[0], item->address[1]},
		.selector = item->selector,
		.id = item->id,
	};
	struct lb_directory_entry *first = find(table, &entry);

	if (first && item->alone)
		return 0;
	return first ? append(table, first, &entry) : insert(table, entry);
}

/* Anew, with a hash part of `size` entries. */
static int fill(struct table *table, __u32 size, const struct directory_item *items, size_t count)
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

int directory_build(struct lb_directory_entry *copy, __u32 base, __u32 entries,
		    const struct directory_item *items, size_t count, __u64 *word)
{
	struct table table = {.entry = copy, .base = base, .entries = entries};
	__u64 size = hash_entries((__u64)HASH_SPARSENESS * count);

	for (; size <= entries; size *= 2) {
		int err = fill(&table, size, items, count);

		if (err == CROWDED)
			continue;
		if (!err)
			*word = (__u64)base << 32 | table.shift;
		return err;
	}
	return -ENOSPC;
}
