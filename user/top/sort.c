// SPDX-License-Identifier: GPL-2.0-only
#include "top/sort.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

const char *const sort_names[SORT_KEYS + 1] = {
	[SORT_NAME] = "name", [SORT_WEIGHT] = "weight",	  [SORT_FLOWS] = "flows",
	[SORT_NEW] = "new",   [SORT_PACKETS] = "packets", [SORT_BITS] = "bits",
	[SORT_MEAN] = "mean", [SORT_P50] = "p50",	  [SORT_P99] = "p99",
	[SORT_KEYS] = NULL,
};

char sort_letter(enum sort_key key)
{
	static const char letters[SORT_KEYS + 1] = "nwfcpbm59";

	return letters[key];
}

int sort_parse(const char *name, enum sort_key *key)
{
	for (int i = 0; i < SORT_KEYS; i++)
		if (!strcmp(sort_names[i], name)) {
			*key = i;
			return 0;
		}
	return -EINVAL;
}

static double sort_value(const struct rows_entry *row, enum sort_key key)
{
	switch (key) {
	case SORT_WEIGHT:
		return row->effective_weight;
	case SORT_FLOWS:
		return row->flows;
	case SORT_NEW:
		return row->rate.new_flows;
	case SORT_PACKETS:
		return row->rate.packets + row->rate.reply_packets;
	case SORT_BITS:
		return row->rate.bytes + row->rate.reply_bytes;
	case SORT_MEAN:
		return row->times.mean_us;
	case SORT_P50:
		return row->times.p50_us;
	case SORT_P99:
		return row->times.p99_us;
	default:
		return 0;
	}
}

/* A service or backend with its sort value. */
struct item {
	const struct rows_entry *row;
	double value;
};

static int compare_names(const struct rows_entry *a, const struct rows_entry *b)
{
	int names = strcmp(a->name, b->name), addresses;

	if (names || !a->backend)
		return names;
	if (a->backend == ROWS_SPILLED || b->backend == ROWS_SPILLED)
		return (a->backend == ROWS_SPILLED) - (b->backend == ROWS_SPILLED);
	addresses = memcmp(a->address, b->address, sizeof(a->address));
	return addresses ? addresses : (int)ntohs(a->port) - (int)ntohs(b->port);
}

static int compare(const void *first, const void *second)
{
	const struct item *a = first, *b = second;

	if (a->value != b->value)
		return a->value > b->value ? -1 : 1;
	return compare_names(a->row, b->row);
}

static int compare_reversed(const void *first, const void *second)
{
	return compare(second, first);
}

static void sort_items(struct item *items, size_t count, const struct sort *sort)
{
	for (size_t i = 0; i < count; i++)
		items[i].value = sort_value(items[i].row, sort->key);
	qsort(items, count, sizeof(*items), sort->is_reversed ? compare_reversed : compare);
}

/* Lists a service and, unless it is folded, its backends. Returns their number. */
static size_t list_service(const struct rows *rows, const struct sort *sort,
			   const struct rows_entry *service, struct item *buffer,
			   const struct rows_entry **shown)
{
	const struct rows_entry *end = rows->entries + rows->count;
	size_t count = 0;

	for (const struct rows_entry *row = service + 1; row < end && row->backend; row++)
		buffer[count++].row = row;
	*shown++ = service;
	if (service->is_folded)
		return 1;
	sort_items(buffer, count, sort);
	for (size_t i = 0; i < count; i++)
		shown[i] = buffer[i].row;
	return 1 + count;
}

int sort_rows(const struct rows *rows, const struct sort *sort, const struct rows_entry **shown)
{
	_free_ struct item *items = calloc(2 * rows->count + 1, sizeof(*items));
	size_t services = 0, count = 0;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < rows->count; i++)
		if (!rows->entries[i].backend &&
		    (!sort->only || rows->entries[i].service == sort->only))
			items[services++].row = &rows->entries[i];
	sort_items(items, services, sort);
	for (size_t i = 0; i < services; i++)
		count += list_service(rows, sort, items[i].row, items + rows->count, shown + count);
	return (int)count;
}
