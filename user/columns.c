// SPDX-License-Identifier: GPL-2.0-only
#include "columns.h"

#include <libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>

struct libscols_table *columns_begin(bool color, const struct column *columns)
{
	struct libscols_table *table = scols_new_table();

	scols_table_enable_colors(table, color);
	for (; columns->name; columns++)
		scols_table_new_column(table, columns->name, 0, columns->flags);
	return table;
}

void columns_print(struct libscols_table *table)
{
	if (scols_table_get_nlines(table))
		scols_print_table(table);
	scols_unref_table(table);
}

void columns_cell(struct libscols_line *line, size_t column, const char *format, ...)
{
	char text[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	scols_line_set_data(line, column, text);
}

void columns_color(struct libscols_line *line, const char *color)
{
	if (color)
		scols_line_set_color(line, color);
}

void columns_add_latency(struct libscols_table *table, const struct view *view)
{
	if (!view_is_timed(view))
		return;
	scols_table_new_column(table, "P50", 0, SCOLS_FL_RIGHT);
	scols_table_new_column(table, "P99", 0, SCOLS_FL_RIGHT);
}

void columns_put_latency(struct libscols_line *line, size_t column, struct latency_figures latency)
{
	char text[LATENCY_TEXT_BYTES];

	columns_cell(line, column, "%s", latency_format(&latency, latency.p50_us, text));
	columns_cell(line, column + 1, "%s", latency_format(&latency, latency.p99_us, text));
}
