// SPDX-License-Identifier: GPL-2.0-only
#include "top/sort.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

const char *const order_names[ORDER_KEYS + 1] = {
	[ORDER_NAME] = "name", [ORDER_WEIGHT] = "weight",   [ORDER_FLOWS] = "flows",
	[ORDER_NEW] = "new",   [ORDER_PACKETS] = "packets", [ORDER_BITS] = "bits",
	[ORDER_MEAN] = "mean", [ORDER_P50] = "p50",	    [ORDER_P99] = "p99",
	[ORDER_KEYS] = NULL,
};

char order_letter(enum order_key key)
{
	static const char letters[ORDER_KEYS + 1] = "nwfcpbm59";

	return letters[key];
}

int order_parse(const char *name, enum order_key *key)
{
	for (int i = 0; i < ORDER_KEYS; i++)
		if (!strcmp(order_names[i], name)) {
			*key = i;
			return 0;
		}
	return -EINVAL;
}

static double figure(const struct board_row *row, enum order_key key)
{
	switch (key) {
	case ORDER_WEIGHT:
		return row->effective_weight;
	case ORDER_FLOWS:
		return row->flows;
	case ORDER_NEW:
		return row->rate.new_flows;
	case ORDER_PACKETS:
		return row->rate.packets + row->rate.reply_packets;
	case ORDER_BITS:
		return row->rate.bytes + row->rate.reply_bytes;
	case ORDER_MEAN:
		return row->times.mean_us;
	case ORDER_P50:
		return row->times.p50_us;
	case ORDER_P99:
		return row->times.p99_us;
	default:
		return 0;
	}
}

/* A service or backend with what it is ordered by. */
struct item {
	const struct board_row *row;
	double figure;
};

static int compare_names(const struct board_row *a, const struct board_row *b)
{
	int names = strcmp(a->name, b->name), addresses;

	if (names || !a->backend)
		return names;
	if (a->backend == BOARD_SPILLED || b->backend == BOARD_SPILLED)
		return (a->backend == BOARD_SPILLED) - (b->backend == BOARD_SPILLED);
	addresses = memcmp(a->address, b->address, sizeof(a->address));
	return addresses ? addresses : (int)ntohs(a->port) - (int)ntohs(b->port);
}

static int compare(const void *first, const void *second)
{
	const struct item *a = first, *b = second;

	if (a->figure != b->figure)
		return a->figure > b->figure ? -1 : 1;
	return compare_names(a->row, b->row);
}

static int compare_reversed(const void *first, const void *second)
{
	return compare(second, first);
}

static void sort(struct item *items, size_t count, const struct order *order)
{
	for (size_t i = 0; i < count; i++)
		items[i].figure = figure(items[i].row, order->key);
	qsort(items, count, sizeof(*items), order->is_reversed ? compare_reversed : compare);
}

/* The service and, if it is not folded, its backends; returns how many. */
static size_t put_service(const struct board *board, const struct order *order,
			  const struct board_row *service, struct item *room,
			  const struct board_row **shown)
{
	const struct board_row *end = board->rows + board->count;
	size_t count = 0;

	for (const struct board_row *row = service + 1; row < end && row->backend; row++)
		room[count++].row = row;
	*shown++ = service;
	if (service->is_folded)
		return 1;
	sort(room, count, order);
	for (size_t i = 0; i < count; i++)
		shown[i] = room[i].row;
	return 1 + count;
}

int order_rows(const struct board *board, const struct order *order, const struct board_row **shown)
{
	_free_ struct item *items = calloc(2 * board->count + 1, sizeof(*items));
	size_t services = 0, count = 0;

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < board->count; i++)
		if (!board->rows[i].backend &&
		    (!order->only || board->rows[i].service == order->only))
			items[services++].row = &board->rows[i];
	sort(items, services, order);
	for (size_t i = 0; i < services; i++)
		count += put_service(board, order, items[i].row, items + board->count,
				     shown + count);
	return (int)count;
}
