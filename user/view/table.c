// SPDX-License-Identifier: GPL-2.0-only
#include "view/table.h"

#include <libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TREE_INDENT 2 /* columns before a child line */

struct libscols_table *table_create(bool color, const struct column *columns)
{
	struct libscols_table *table = scols_new_table();

	scols_table_enable_colors(table, color);
	for (; columns->name; columns++)
		scols_table_new_column(table, columns->name, 0, columns->flags);
	return table;
}

static size_t column_width(struct libscols_table *table, size_t number)
{
	struct libscols_column *column = scols_table_get_column(table, number);
	size_t width = strlen(scols_cell_get_data(scols_column_get_header(column)));

	for (size_t i = 0; i < scols_table_get_nlines(table); i++) {
		struct libscols_line *line = scols_table_get_line(table, i);
		const char *text = scols_cell_get_data(scols_line_get_cell(line, number));
		bool is_child = scols_column_is_tree(column) && scols_line_get_parent(line);
		size_t wanted = (text ? strlen(text) : 0) + (is_child ? TREE_INDENT : 0);

		width = wanted > width ? wanted : width;
	}
	return width;
}

void table_fit(struct libscols_table *table, const int *optional)
{
	struct winsize terminal;
	size_t width = 0;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &terminal) || !terminal.ws_col)
		return;
	for (size_t i = 0; i < scols_table_get_ncols(table); i++)
		if (!scols_column_is_hidden(scols_table_get_column(table, i)))
			width += column_width(table, i) + 1;
	for (; *optional >= 0 && width > terminal.ws_col + 1U; optional++) {
		struct libscols_column *column = scols_table_get_column(table, *optional);

		if (scols_column_is_hidden(column))
			continue;
		width -= column_width(table, *optional) + 1;
		scols_column_set_flags(column, SCOLS_FL_HIDDEN);
	}
}

void table_print(struct libscols_table *table)
{
	if (scols_table_get_nlines(table))
		scols_print_table(table);
	scols_unref_table(table);
}

void table_set_cell(struct libscols_line *line, size_t column, const char *format, ...)
{
	char text[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	scols_line_set_data(line, column, text);
}

void table_set_color(struct libscols_line *line, const char *color)
{
	if (color)
		scols_line_set_color(line, color);
}

void table_add_traffic_columns(struct libscols_table *table, const char *unit)
{
	static const char *const names[TRAFFIC_COLUMNS] = {
		[TRAFFIC_FLOWS] = "FLOWS",     [TRAFFIC_NEW] = "NEW",
		[TRAFFIC_PACKETS] = "PACKETS", [TRAFFIC_BYTES] = "BYTES",
		[TRAFFIC_REPLIES] = "REPLIES", [TRAFFIC_REPLY_BYTES] = "REPLY BYTES",
	};
	char name[32];

	for (enum traffic_column i = 0; i < TRAFFIC_COLUMNS; i++) {
		snprintf(name, sizeof(name), "%s%s", names[i], i == TRAFFIC_FLOWS ? "" : unit);
		scols_table_new_column(table, name, 0, SCOLS_FL_RIGHT);
	}
}

void table_set_traffic(struct libscols_line *line, size_t first, const struct traffic_rate *rate,
		       __u64 flows)
{
	table_set_cell(line, first + TRAFFIC_FLOWS, "%llu", flows);
	table_set_cell(line, first + TRAFFIC_NEW, "%.0f", rate->new_flows);
	table_set_cell(line, first + TRAFFIC_PACKETS, "%.0f", rate->packets);
	table_set_cell(line, first + TRAFFIC_BYTES, "%.0f", rate->bytes);
	table_set_cell(line, first + TRAFFIC_REPLIES, "%.0f", rate->reply_packets);
	table_set_cell(line, first + TRAFFIC_REPLY_BYTES, "%.0f", rate->reply_bytes);
}

void table_add_latency_columns(struct libscols_table *table, const struct view *view)
{
	if (!view_has_latency(view))
		return;
	scols_table_new_column(table, "P50", 0, SCOLS_FL_RIGHT);
	scols_table_new_column(table, "P99", 0, SCOLS_FL_RIGHT);
}

void table_set_latency(struct libscols_line *line, size_t column, struct latency_stats latency)
{
	char text[LATENCY_TEXT_BYTES];

	table_set_cell(line, column, "%s", latency_format(&latency, latency.p50_us, text));
	table_set_cell(line, column + 1, "%s", latency_format(&latency, latency.p99_us, text));
}

const char *table_backend_color(const struct lb_backend_config *config)
{
	if (config->health == LB_HEALTH_DOWN)
		return "red";
	return config->state == LB_STATE_READY ? NULL : "yellow";
}
