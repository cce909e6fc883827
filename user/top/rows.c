// SPDX-License-Identifier: GPL-2.0-only
#include "top/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/histogram.h"

int rows_reserve(struct rows *rows, size_t entries)
{
	*rows = (struct rows){.entries = calloc(entries + 1, sizeof(*rows->entries))};
	if (!rows->entries)
		return -ENOMEM;
	rows->count = entries;
	return 0;
}

void rows_release(struct rows *rows)
{
	free(rows->entries);
	*rows = (struct rows){0};
}

/* Ids are reused, so addresses and names must be equal too. */
static bool is_same(const struct rows_entry *a, const struct rows_entry *b)
{
	return a->service == b->service && a->backend == b->backend &&
	       !memcmp(a->address, b->address, sizeof(a->address)) && a->port == b->port &&
	       a->protocol == b->protocol && !strcmp(a->name, b->name);
}

/* Finds the same row of the previous sample. Rows rarely move, so the same index comes first. */
static const struct rows_entry *find(const struct rows *rows, const struct rows_entry *row,
				     size_t hint)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct rows_entry *found = &rows->entries[(hint + i) % rows->count];

		if (is_same(found, row))
			return found;
	}
	return NULL;
}

static void add_latency(struct lb_latency *sum, const struct lb_latency *window)
{
	sum->sum_us += window->sum_us;
	histogram_add(&sum->responses, &window->responses);
}

static void set_latency(struct rows_entry *row, const struct lb_latency *window)
{
	row->times = latency_stats(window);
	sparkline_add(&row->sparkline, row->times.samples ? row->times.p50_us : -1);
}

/* Counters of a new backend began at 0. */
static void update_backend(struct rows_entry *row, const struct rows_entry *before, double seconds,
			   struct lb_latency *sum)
{
	static const struct lb_latency none;
	struct lb_latency window;

	latency_since(&window, &row->latency, before ? &before->latency : &none);
	row->rate = traffic_rate_since(&row->traffic, before ? &before->traffic : NULL, seconds);
	set_latency(row, &window);
	add_latency(sum, &window);
}

static void add_rate(struct traffic_rate *sum, const struct traffic_rate *rate)
{
	sum->packets += rate->packets;
	sum->bytes += rate->bytes;
	sum->reply_packets += rate->reply_packets;
	sum->reply_bytes += rate->reply_bytes;
	sum->new_flows += rate->new_flows;
}

static void keep_history(struct rows_entry *row, const struct rows_entry *before)
{
	if (!before)
		return;
	row->sparkline = before->sparkline;
	row->is_folded = before->is_folded;
}

/* Updates a service and its backends. Returns the number of their rows. */
static size_t update_service(struct rows *rows, const struct rows *before, size_t index)
{
	struct rows_entry *service = &rows->entries[index];
	const struct rows_entry *service_before = find(before, service, index);
	struct lb_latency sum = {0};
	size_t i;

	keep_history(service, service_before);
	for (i = index + 1; i < rows->count && rows->entries[i].backend; i++) {
		struct rows_entry *row = &rows->entries[i];
		const struct rows_entry *row_before = find(before, row, i);

		keep_history(row, row_before);
		update_backend(row, row_before, rows->seconds, &sum);
	}
	service->rate = traffic_rate_since(
		&service->traffic, service_before ? &service_before->traffic : NULL, rows->seconds);
	set_latency(service, &sum);
	add_rate(&rows->total, &service->rate);
	return i - index;
}

static void update_outcomes(struct rows *rows, const struct rows *before)
{
	for (int i = 0; i < LB_OUTCOME_COUNT; i++) {
		rows->outcome_rate[i] = counter_rate_since(
			rows->outcomes.count[i], before->outcomes.count[i], rows->seconds);
		rows->outcome_seen[i] = before->outcome_seen[i] || rows->outcome_rate[i] > 0;
	}
}

void rows_update(struct rows *rows, const struct rows *before, double seconds)
{
	rows->has_latency = before->has_latency;
	for (size_t i = 0; i < rows->count; i++) {
		rows->has_latency |= rows->entries[i].latency.sum_us > 0;
		if (!rows->entries[i].backend)
			rows->flows += rows->entries[i].flows;
	}
	if (!before->entries || seconds <= 0)
		return;
	rows->seconds = seconds;
	for (size_t i = 0; i < rows->count;)
		i += update_service(rows, before, i);
	update_outcomes(rows, before);
}
