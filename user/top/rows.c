// SPDX-License-Identifier: GPL-2.0-only
#include "top/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/histogram.h"

int board_reserve(struct board *board, size_t rows)
{
	*board = (struct board){.rows = calloc(rows + 1, sizeof(*board->rows))};
	if (!board->rows)
		return -ENOMEM;
	board->count = rows;
	return 0;
}

void board_release(struct board *board)
{
	free(board->rows);
	*board = (struct board){0};
}

/* Ids are used again: who has another address is somebody else. */
static bool is_same(const struct board_row *a, const struct board_row *b)
{
	return a->service == b->service && a->backend == b->backend &&
	       !memcmp(a->address, b->address, sizeof(a->address)) && a->port == b->port &&
	       a->protocol == b->protocol && !strcmp(a->name, b->name);
}

/* Rows seldom move, so where it was is looked first. */
static const struct board_row *find(const struct board *board, const struct board_row *row,
				    size_t where)
{
	for (size_t i = 0; i < board->count; i++) {
		const struct board_row *found = &board->rows[(where + i) % board->count];

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

static void time_row(struct board_row *row, const struct lb_latency *window)
{
	row->times = latency_figures(window);
	spark_add(&row->spark, row->times.samples ? row->times.p50_us : -1);
}

/* A backend that was not there before began at 0. */
static void follow_backend(struct board_row *row, const struct board_row *before, double seconds,
			   struct lb_latency *sum)
{
	static const struct lb_latency none;
	struct lb_latency window;

	latency_since(&window, &row->latency, before ? &before->latency : &none);
	row->rate = rate_since(&row->traffic, before ? &before->traffic : NULL, seconds);
	time_row(row, &window);
	add_latency(sum, &window);
}

static void add_rate(struct rate *sum, const struct rate *rate)
{
	sum->packets += rate->packets;
	sum->bytes += rate->bytes;
	sum->reply_packets += rate->reply_packets;
	sum->reply_bytes += rate->reply_bytes;
	sum->new_flows += rate->new_flows;
}

static void keep(struct board_row *row, const struct board_row *before)
{
	if (!before)
		return;
	row->spark = before->spark;
	row->is_folded = before->is_folded;
}

/* A service and its backends; returns how many rows they are. */
static size_t follow_service(struct board *board, const struct board *before, size_t at)
{
	struct board_row *service = &board->rows[at];
	const struct board_row *then = find(before, service, at);
	struct lb_latency sum = {0};
	size_t i;

	keep(service, then);
	for (i = at + 1; i < board->count && board->rows[i].backend; i++) {
		struct board_row *row = &board->rows[i];
		const struct board_row *earlier = find(before, row, i);

		keep(row, earlier);
		follow_backend(row, earlier, board->seconds, &sum);
	}
	service->rate = rate_since(&service->traffic, then ? &then->traffic : NULL, board->seconds);
	time_row(service, &sum);
	add_rate(&board->total, &service->rate);
	return i - at;
}

static void follow_outcomes(struct board *board, const struct board *before)
{
	for (int i = 0; i < LB_OUTCOME_COUNT; i++) {
		board->outcome_rate[i] = rate_of(board->outcomes.count[i],
						 before->outcomes.count[i], board->seconds);
		board->outcome_seen[i] = before->outcome_seen[i] || board->outcome_rate[i] > 0;
	}
}

void board_follow(struct board *board, const struct board *before, double seconds)
{
	board->is_timed = before->is_timed;
	for (size_t i = 0; i < board->count; i++) {
		board->is_timed |= board->rows[i].latency.sum_us > 0;
		if (!board->rows[i].backend)
			board->flows += board->rows[i].flows;
	}
	if (!before->rows || seconds <= 0)
		return;
	board->seconds = seconds;
	for (size_t i = 0; i < board->count;)
		i += follow_service(board, before, i);
	follow_outcomes(board, before);
}
