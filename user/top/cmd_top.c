// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "cli/sampling.h"
#include "cli/session.h"
#include "top/cmd_top.h"
#include "top/layout.h"
#include "top/terminal.h"

/* After this time, the screen shows the previous sample. */
#define LOCK_TIMEOUT_MS 250

#define COLUMNS 80 /* of plain text, unless $COLUMNS is set */

struct top {
	struct sampling sampling;
	struct rows rows;
	struct ui ui;
	struct ui_lines lines;
	struct layout layout;
	double sampled_at; /* 0 = not yet */
	unsigned long samples;
	bool is_waiting; /* another lbctl holds the lock */
};

static void gather_backend(struct rows_entry *row, const struct rows_entry *service,
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

static void gather_spilled(struct rows_entry *row, const struct rows_entry *service_row,
			   const struct view_service *service)
{
	row->service = service_row->service;
	row->backend = ROWS_SPILLED;
	memcpy(row->name, service_row->name, sizeof(row->name));
	memcpy(row->spill, service->config->spill, sizeof(row->spill));
	row->protocol = service_row->protocol;
	row->flows = service->spilled_flows;
	row->traffic = service->spilled;
}

/* Fills the rows of a service, its backends and its spilled traffic. Returns the next row. */
static struct rows_entry *gather_service(struct rows_entry *row, const struct view_service *service)
{
	const struct lb_service_config *config = service->config;
	struct rows_entry *service_row = row++;

	service_row->service = service->id;
	memcpy(service_row->name, config->name, sizeof(service_row->name));
	memcpy(service_row->address, config->address, sizeof(service_row->address));
	service_row->port = config->port;
	service_row->protocol = config->protocol;
	service_row->fails_open = service->fails_open;
	service_row->backends = (__u32)service->backend_count;
	service_row->flows = service->flows;
	service_row->traffic = service->traffic;
	for (size_t i = 0; i < service->backend_count; i++) {
		const struct view_backend *backend = &service->backends[i];

		service_row->serving += backend->effective_weight > 0;
		service_row->effective_weight += backend->effective_weight;
		gather_backend(row++, service_row, backend);
	}
	if (config->spill[0])
		gather_spilled(row++, service_row, service);
	return row;
}

static void gather_attached(struct rows *rows, const struct view *view)
{
	size_t length = 0;

	for (size_t i = 0; i < view->interface_count && length < sizeof(rows->attached); i++)
		length += snprintf(rows->attached + length, sizeof(rows->attached) - length,
				   "%s%s (%s)", i ? ", " : "", view->interfaces[i].name,
				   mode_name(view->interfaces[i].mode));
}

static int gather(struct call *call, struct rows *rows, const struct view *view)
{
	size_t entries = view->service_count;
	struct rows_entry *row;
	int error;

	for (size_t i = 0; i < view->service_count; i++)
		entries += view->services[i].backend_count +
			   (view->services[i].config->spill[0] != '\0');
	error = rows_reserve(rows, entries);
	if (error)
		return problem_system(&call->problem, error, "collecting a sample");
	snprintf(rows->instance, sizeof(rows->instance), "%s", call->globals.instance);
	gather_attached(rows, view);
	rows->generation = view->generation;
	rows->controller = view->controller;
	rows->outcomes = view->outcomes;
	row = rows->entries;
	for (size_t i = 0; i < view->service_count; i++)
		row = gather_service(row, &view->services[i]);
	return EXIT_DONE;
}

/* Takes a sample, and computes rates since the previous one. */
static int take_sample(struct call *call, struct top *top)
{
	struct rows rows;
	struct store store;
	struct view view;
	double now;
	int code = sampling_open_view(call, &store, &view);

	if (code)
		return code;
	now = sampling_now();
	code = gather(call, &rows, &view);
	view_release(&view);
	store_close(&store);
	if (code)
		return code;
	rows_update(&rows, &top->rows, now - top->sampled_at);
	rows_release(&top->rows);
	top->rows = rows;
	top->sampled_at = now;
	top->samples++;
	return EXIT_DONE;
}

/* Lists and sorts the visible lines. */
static int list_rows(struct call *call, struct top *top)
{
	struct ui_lines *lines = &top->lines;
	int count;

	free(lines->shown);
	lines->count = 0;
	lines->shown = calloc(top->rows.count + 1, sizeof(*lines->shown));
	count = lines->shown ? sort_rows(&top->rows, &top->ui.sort, lines->shown) : -ENOMEM;
	if (count < 0)
		return problem_system(&call->problem, count, "listing rows");
	lines->count = (size_t)count;
	lines->page = layout_page(&top->layout, &top->rows);
	ui_place_cursor(&top->ui, lines);
	return EXIT_DONE;
}

static void put_plain(void *to, const struct line *line)
{
	size_t bytes = line->bytes;

	(void)to;
	while (bytes && line->text[bytes - 1] == ' ')
		bytes--;
	printf("%.*s\n", (int)bytes, line->text);
}

/* Prints one frame as text. Rates need two samples. */
static int show_once(struct call *call, struct top *top)
{
	const char *wanted = getenv("COLUMNS");
	__u64 columns = COLUMNS;
	int code = take_sample(call, top);

	if (wanted)
		number_parse(wanted, 1, ~0U, &columns);
	top->layout.columns = columns;
	top->layout.put = put_plain;
	if (code)
		return code;
	sampling_pause(&top->sampling);
	code = take_sample(call, top);
	if (!code)
		code = list_rows(call, top);
	if (!code && !call->output.quiet)
		layout_draw(&top->layout, &top->rows, &top->ui, &top->lines);
	return code;
}

static int show(struct call *call, struct top *top)
{
	int code;

	terminal_size(&top->layout.columns, &top->layout.lines);
	code = list_rows(call, top);
	if (code)
		return code;
	terminal_clear();
	layout_draw(&top->layout, &top->rows, &top->ui, &top->lines);
	terminal_refresh();
	return EXIT_DONE;
}

/* Takes a sample if it is due. While another lbctl holds the lock, the previous one is shown. */
static int refresh(struct call *call, struct top *top)
{
	int code = EXIT_DONE;

	if (top->samples &&
	    (top->ui.is_paused || sampling_now() < top->sampled_at + top->sampling.interval))
		return EXIT_DONE;
	if (top->samples && call->globals.lock_timeout_ms > LOCK_TIMEOUT_MS)
		call->globals.lock_timeout_ms = LOCK_TIMEOUT_MS;
	code = take_sample(call, top);
	if (top->is_waiting)
		top->ui.message[0] = '\0';
	top->is_waiting = code == EXIT_TIMEOUT && top->samples;
	if (!top->is_waiting)
		return code;
	snprintf(top->ui.message, sizeof(top->ui.message),
		 "top: waiting: another lbctl holds the lock");
	call->problem = (struct problem){0};
	return EXIT_DONE;
}

/* Seconds until the next sample; an hour while paused. */
static double time_left(const struct top *top)
{
	double left = top->sampled_at + top->sampling.interval - sampling_now();

	if (top->ui.is_paused)
		return 3600;
	return left > 0.01 ? left : 0.01;
}

static bool is_finished(const struct top *top)
{
	return top->ui.is_finished || (top->sampling.count && top->samples > top->sampling.count);
}

static int run(struct call *call, struct top *top)
{
	int code = EXIT_DONE;

	while (!code && !is_finished(top)) {
		int key;

		code = refresh(call, top);
		if (!code)
			code = show(call, top);
		if (code || is_finished(top))
			break;
		key = terminal_wait(time_left(top));
		if (key == TERMINAL_END)
			break;
		if (key >= 0)
			ui_handle_key(&top->ui, &top->rows, &top->lines, key);
	}
	return code;
}

static int show_live(struct call *call, struct top *top)
{
	int error, code;

	top->layout.put = terminal_put;
	error = terminal_open(call->output.color);
	if (error) {
		problem_set(&call->problem, EXIT_USAGE, "no-terminal",
			    error == -ENOTTY ? "standard input and output must be a terminal"
					     : "unknown terminal type: TERM=%s",
			    getenv("TERM") ? getenv("TERM") : "");
		problem_hint(&call->problem, "lbctl top --once");
		return call->problem.code;
	}
	code = run(call, top);
	terminal_close();
	return code;
}

static int parse_sort(struct call *call, enum sort_key *key)
{
	const char *text = call_flag(call, FLAG_SORT);

	if (!text || !sort_parse(text, key))
		return EXIT_DONE;
	return problem_choice(&call->problem, "invalid-sort", "--sort", text,
			      "name, weight, flows, new, packets, bits, mean, p50 or p99");
}

/* Refuses flags that exclude each other. */
static int check_flags(struct call *call)
{
	if (call->output.json) {
		problem_set(&call->problem, EXIT_USAGE, "no-json",
			    "top has no JSON output; use 'lbctl -j stats -i 1'");
		problem_hint(&call->problem, "lbctl -j stats -i 1 -c 1");
		return call->problem.code;
	}
	if (call_flag(call, FLAG_ONCE) && call_flag(call, FLAG_COUNT))
		return problem_set(&call->problem, EXIT_USAGE, "contradicting-flags",
				   "--once and --count exclude each other");
	return EXIT_DONE;
}

int cmd_top(struct call *call)
{
	struct top top = {0};
	int code = check_flags(call);

	if (!code)
		code = sampling_parse(call, &top.sampling);
	if (!code)
		code = parse_sort(call, &top.ui.sort.key);
	if (code)
		return code;
	setlocale(LC_CTYPE, "");
	top.layout.is_utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	top.layout.interval = top.sampling.interval;
	code = call_flag(call, FLAG_ONCE) ? show_once(call, &top) : show_live(call, &top);
	free(top.lines.shown);
	rows_release(&top.rows);
	return code;
}
