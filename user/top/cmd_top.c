// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/sampling.h"
#include "cli/session.h"
#include "top/cmd_top.h"
#include "top/layout.h"
#include "top/terminal.h"

/* Who has a terminal before him would rather see old figures than nothing for longer. */
#define LOCK_MS 250

#define COLUMNS 80 /* of plain text, where nobody says how many */

struct top {
	struct sampling sampling;
	struct board board;
	struct browse browse;
	struct browse_lines lines;
	struct frame frame;
	double sampled; /* when; 0 = not yet */
	unsigned long samples;
	bool is_waiting; /* for somebody else's lock */
};

static void gather_backend(struct board_row *row, const struct board_row *service,
			   const struct view_backend *backend)
{
	const struct lb_backend_config *config = backend->config;

	row->service = service->service;
	row->backend = backend->id;
	memcpy(row->name, service->name, sizeof(row->name));
	memcpy(row->address, config->address, sizeof(row->address));
	row->port = config->port;
	row->protocol = service->protocol;
	row->state = config->state;
	row->health = config->health;
	row->weight = config->weight;
	row->effective_weight = backend->effective_weight;
	row->flows = backend->flows;
	row->traffic = backend->traffic;
	row->latency = backend->latency;
}

static void gather_spilled(struct board_row *row, const struct board_row *own,
			   const struct view_service *service)
{
	row->service = own->service;
	row->backend = BOARD_SPILLED;
	memcpy(row->name, own->name, sizeof(row->name));
	memcpy(row->spill, service->config->spill, sizeof(row->spill));
	row->protocol = own->protocol;
	row->flows = service->spilled_flows;
	row->traffic = service->spilled;
}

/* A service, its backends and what it spills; returns the row behind them. */
static struct board_row *gather_service(struct board_row *row, const struct view_service *service)
{
	const struct lb_service_config *config = service->config;
	struct board_row *own = row++;

	own->service = service->id;
	memcpy(own->name, config->name, sizeof(own->name));
	memcpy(own->address, config->address, sizeof(own->address));
	own->port = config->port;
	own->protocol = config->protocol;
	own->fails_open = service->fails_open;
	own->backends = (__u32)service->backend_count;
	own->flows = service->flows;
	own->traffic = service->traffic;
	for (size_t i = 0; i < service->backend_count; i++) {
		const struct view_backend *backend = &service->backends[i];

		own->serving += backend->effective_weight > 0;
		own->effective_weight += backend->effective_weight;
		gather_backend(row++, own, backend);
	}
	if (config->spill[0])
		gather_spilled(row++, own, service);
	return row;
}

static void gather_where(struct board *board, const struct view *view)
{
	size_t length = 0;

	for (size_t i = 0; i < view->interface_count && length < sizeof(board->where); i++)
		length += snprintf(board->where + length, sizeof(board->where) - length,
				   "%s%s (%s)", i ? ", " : "", view->interfaces[i].name,
				   mode_name(view->interfaces[i].mode));
}

static int gather(struct call *call, struct board *board, const struct view *view)
{
	size_t rows = view->service_count;
	struct board_row *row;
	int error;

	for (size_t i = 0; i < view->service_count; i++)
		rows += view->services[i].backend_count +
			(view->services[i].config->spill[0] != '\0');
	error = board_reserve(board, rows);
	if (error)
		return problem_system(&call->problem, error, "gathering figures");
	snprintf(board->instance, sizeof(board->instance), "%s", call->globals.instance);
	gather_where(board, view);
	board->generation = view->generation;
	board->controller = view->controller;
	board->outcomes = view->outcomes;
	row = board->rows;
	for (size_t i = 0; i < view->service_count; i++)
		row = gather_service(row, &view->services[i]);
	return EXIT_DONE;
}

/* A new board, which follows the one that there was. */
static int sample(struct call *call, struct top *top)
{
	struct board board;
	struct store store;
	struct view view;
	double now;
	int code = sampling_view(call, &store, &view);

	if (code)
		return code;
	now = sampling_now();
	code = gather(call, &board, &view);
	view_release(&view);
	store_close(&store);
	if (code)
		return code;
	board_follow(&board, &top->board, now - top->sampled);
	board_release(&top->board);
	top->board = board;
	top->sampled = now;
	top->samples++;
	return EXIT_DONE;
}

/* Who is shown, in which order. */
static int arrange(struct call *call, struct top *top)
{
	struct browse_lines *lines = &top->lines;
	int count;

	free(lines->shown);
	lines->count = 0;
	lines->shown = calloc(top->board.count + 1, sizeof(*lines->shown));
	count = lines->shown ? order_rows(&top->board, &top->browse.order, lines->shown) : -ENOMEM;
	if (count < 0)
		return problem_system(&call->problem, count, "sorting");
	lines->count = (size_t)count;
	lines->page = frame_page(&top->frame, &top->board);
	browse_settle(&top->browse, lines);
	return EXIT_DONE;
}

static void put_plain(void *to, const struct strip *strip)
{
	size_t bytes = strip->bytes;

	(void)to;
	while (bytes && strip->text[bytes - 1] == ' ')
		bytes--;
	printf("%.*s\n", (int)bytes, strip->text);
}

/* One frame as text; rates take two samples. */
static int show_once(struct call *call, struct top *top)
{
	const char *wanted = getenv("COLUMNS");
	long columns = wanted ? strtol(wanted, NULL, 10) : 0;
	int code = sample(call, top);

	top->frame.columns = columns > 0 ? (size_t)columns : COLUMNS;
	top->frame.put = put_plain;
	if (code)
		return code;
	sampling_pause(&top->sampling);
	code = sample(call, top);
	if (!code)
		code = arrange(call, top);
	if (!code && !call->output.quiet)
		frame_draw(&top->frame, &top->board, &top->browse, &top->lines);
	return code;
}

static int show(struct call *call, struct top *top)
{
	int code;

	screen_size(&top->frame.columns, &top->frame.lines);
	code = arrange(call, top);
	if (code)
		return code;
	screen_begin();
	frame_draw(&top->frame, &top->board, &top->browse, &top->lines);
	screen_show();
	return EXIT_DONE;
}

/* A sample, if it is time. Somebody may have the lock; what we have is shown until he has not. */
static int refresh(struct call *call, struct top *top)
{
	int code = EXIT_DONE;

	if (top->samples &&
	    (top->browse.is_paused || sampling_now() < top->sampled + top->sampling.interval))
		return EXIT_DONE;
	if (top->samples && call->globals.lock_timeout_ms > LOCK_MS)
		call->globals.lock_timeout_ms = LOCK_MS;
	code = sample(call, top);
	if (top->is_waiting)
		top->browse.message[0] = '\0';
	top->is_waiting = code == EXIT_TIMEOUT && top->samples;
	if (!top->is_waiting)
		return code;
	snprintf(top->browse.message, sizeof(top->browse.message),
		 "top: another lbctl holds the lock: waiting");
	call->problem = (struct problem){0};
	return EXIT_DONE;
}

/* Until it is time for a sample; for long if there is none to come. */
static double time_left(const struct top *top)
{
	double left = top->sampled + top->sampling.interval - sampling_now();

	if (top->browse.is_paused)
		return 3600;
	return left > 0.01 ? left : 0.01;
}

static bool is_over(const struct top *top)
{
	return top->browse.is_over || (top->sampling.count && top->samples > top->sampling.count);
}

static int watch(struct call *call, struct top *top)
{
	int code = EXIT_DONE;

	while (!code && !is_over(top)) {
		int key;

		code = refresh(call, top);
		if (!code)
			code = show(call, top);
		if (code || is_over(top))
			break;
		key = screen_wait(time_left(top));
		if (key == SCREEN_END)
			break;
		if (key >= 0)
			browse_press(&top->browse, &top->board, &top->lines, key);
	}
	return code;
}

static int show_live(struct call *call, struct top *top)
{
	int error, code;

	top->frame.put = screen_put;
	error = screen_open(call->output.color);
	if (error) {
		problem_set(&call->problem, EXIT_USAGE, "no-terminal",
			    error == -ENOTTY ? "standard input and output are no terminal"
					     : "this kind of terminal is not known: TERM=%s",
			    getenv("TERM") ? getenv("TERM") : "");
		problem_hint(&call->problem, "lbctl top --once");
		return call->problem.code;
	}
	code = watch(call, top);
	screen_close();
	return code;
}

static int parse_sort(struct call *call, enum order_key *key)
{
	const char *text = call_flag(call, FLAG_SORT);

	if (!text || !order_parse(text, key))
		return EXIT_DONE;
	return problem_choice(&call->problem, "invalid-sort", "--sort", text,
			      "name, weight, flows, new, packets, bits, mean, p50 or p99");
}

/* What does not go together. */
static int check_flags(struct call *call)
{
	if (call->output.json) {
		problem_set(&call->problem, EXIT_USAGE, "no-json",
			    "is for people; the same figures as JSON are those of stats");
		problem_hint(&call->problem, "lbctl -j stats -i 1 -c 1");
		return call->problem.code;
	}
	if (call_flag(call, FLAG_ONCE) && call_flag(call, FLAG_COUNT))
		return problem_set(&call->problem, EXIT_USAGE, "contradicting-flags",
				   "--once shows one frame; --count is for a terminal");
	return EXIT_DONE;
}

int top_run(struct call *call)
{
	struct top top = {0};
	int code = check_flags(call);

	if (!code)
		code = sampling_parse(call, &top.sampling);
	if (!code)
		code = parse_sort(call, &top.browse.order.key);
	if (code)
		return code;
	setlocale(LC_CTYPE, "");
	top.frame.is_utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	top.frame.interval = top.sampling.interval;
	code = call_flag(call, FLAG_ONCE) ? show_once(call, &top) : show_live(call, &top);
	free(top.lines.shown);
	board_release(&top.board);
	return code;
}
