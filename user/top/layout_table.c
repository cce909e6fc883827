// SPDX-License-Identifier: GPL-2.0-only
#include "top/layout_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/human.h"
#include "model/backend_flags.h"

#define NAME_COLUMNS_MIN 16
#define CELL_BYTES	 SPARKLINE_TEXT_BYTES

/* Columns from left to right. */
enum column {
	COLUMN_STATE,
	COLUMN_WEIGHT,
	COLUMN_FLOWS,
	COLUMN_NEW,
	COLUMN_PACKETS,
	COLUMN_BITS,
	COLUMN_MEAN,
	COLUMN_P50,
	COLUMN_P99,
	COLUMN_SPARKLINE,
	COLUMNS
};

static const struct {
	const char *title;
	size_t width; /* without the blank before it */
	bool is_time;
	bool is_left;
	enum sort_key key;
} columns[] = {
	[COLUMN_STATE] = {"STATE", 10, false, true, SORT_KEYS},
	[COLUMN_WEIGHT] = {"WEIGHT", 8, false, false, SORT_WEIGHT},
	[COLUMN_FLOWS] = {"FLOWS", 5, false, false, SORT_FLOWS},
	[COLUMN_NEW] = {"NEW/s", 5, false, false, SORT_NEW},
	[COLUMN_PACKETS] = {"PKT/s", 5, false, false, SORT_PACKETS},
	[COLUMN_BITS] = {"BIT/s", 5, false, false, SORT_BITS},
	[COLUMN_MEAN] = {"MEAN", 5, true, false, SORT_MEAN},
	[COLUMN_P50] = {"P50", 5, true, false, SORT_P50},
	[COLUMN_P99] = {"P99", 5, true, false, SORT_P99},
	[COLUMN_SPARKLINE] = {"LATENCY", 7, true, false, SORT_KEYS},
};

/* Precedence when not all columns fit; the sort key comes first of all. */
static const enum column precedence[] = {
	COLUMN_PACKETS, COLUMN_STATE,  COLUMN_BITS, COLUMN_P99,	      COLUMN_FLOWS,
	COLUMN_P50,	COLUMN_WEIGHT, COLUMN_NEW,  COLUMN_SPARKLINE, COLUMN_MEAN,
};

static void format_name(const struct rows_entry *row, char *text, size_t size)
{
	char endpoint[ENDPOINT_TEXT_BYTES];

	endpoint_format(row->address, row->port, endpoint, sizeof(endpoint));
	if (row->backend == ROWS_SPILLED)
		snprintf(text, size, "  to %s", row->spill);
	else if (row->backend)
		snprintf(text, size, "  %s", endpoint);
	else
		snprintf(text, size, "%c %s %s/%s", row->is_folded ? '+' : '-', row->name, endpoint,
			 protocol_name(row->protocol));
}

/* Gives the remaining width to names, up to the longest, then to sparklines. */
static void widen_columns(struct layout_table *table, size_t left, const struct ui_lines *lines)
{
	size_t wanted = table->name_columns, more;
	char name[CELL_BYTES];

	for (size_t i = 0; i < lines->count; i++) {
		format_name(lines->shown[i], name, sizeof(name));
		if (line_text_width(name) > wanted)
			wanted = line_text_width(name);
	}
	more = wanted - table->name_columns < left ? wanted - table->name_columns : left;
	table->name_columns += more;
	left -= more;
	table->sparkline_columns = columns[COLUMN_SPARKLINE].width + left;
	if (table->sparkline_columns > SPARKLINE_SAMPLES)
		table->sparkline_columns = SPARKLINE_SAMPLES;
}

/* Returns false if the column does not fit. */
static bool add_column(struct layout_table *table, enum column column, size_t *left)
{
	size_t width = columns[column].width + 1;

	if (table->shown & 1U << column || (columns[column].is_time && !table->rows->has_latency))
		return true;
	if (width > *left)
		return false;
	table->shown |= 1U << column;
	*left -= width;
	return true;
}

void layout_table_plan(struct layout_table *table, const struct layout *layout,
		       const struct rows *rows, const struct ui *ui, const struct ui_lines *lines)
{
	size_t half = layout->columns / 2, left;

	*table = (struct layout_table){
		.rows = rows,
		.name_columns = half < NAME_COLUMNS_MIN ? half : NAME_COLUMNS_MIN,
		.is_utf8 = layout->is_utf8,
		.key = ui->sort.key,
	};
	left = layout->columns - table->name_columns;
	for (enum column i = 0; i < COLUMNS; i++)
		if (columns[i].key == table->key)
			add_column(table, i, &left);
	for (size_t i = 0; i < COLUMNS && add_column(table, precedence[i], &left); i++)
		;
	widen_columns(table, left, lines);
}

/* Makes "3.20" 3.2, and "5.00" 5. */
static void trim_zeros(char *number)
{
	size_t length = strlen(number);

	if (!strchr(number, '.'))
		return;
	while (number[length - 1] == '0')
		number[--length] = '\0';
	if (number[length - 1] == '.')
		number[length - 1] = '\0';
}

/* "5", or "5>3.21" with the effective weight; ">3.21" if both do not fit. */
static void weight_cell(const struct rows_entry *row, bool is_utf8, char *text, size_t size)
{
	const char *arrow = is_utf8 ? "→" : ">";
	double weight = row->effective_weight;
	char effective[32];

	snprintf(effective, sizeof(effective), "%.*f",
		 weight < 10	? 2
		 : weight < 100 ? 1
				: 0,
		 weight);
	trim_zeros(effective);
	if (fabs(weight - row->weight) < 0.0005)
		snprintf(text, size, "%.0f", row->weight);
	else
		snprintf(text, size, "%.0f%s%s", row->weight, arrow, effective);
	if (line_text_width(text) > columns[COLUMN_WEIGHT].width)
		snprintf(text, size, "%s%s", arrow, effective);
}

static void state_cell(const struct rows_entry *row, char *text, size_t size)
{
	if (row->backend == ROWS_SPILLED)
		snprintf(text, size, "spilled");
	else if (row->backend)
		snprintf(text, size, "%s %s", state_name(row->state),
			 row->health == LB_HEALTH_UNKNOWN ? "-" : health_name(row->health));
	else if (row->fails_open)
		snprintf(text, size, "FAIL OPEN");
	else
		snprintf(text, size, "%u/%u", row->serving, row->backends);
}

static void rate_cell(const struct layout_table *table, double value, char *text)
{
	if (table->rows->seconds > 0)
		human_format(value, text);
	else
		strcpy(text, "-");
}

static void format_cell(const struct layout_table *table, const struct rows_entry *row,
			enum column column, char text[CELL_BYTES])
{
	const struct traffic_rate *rate = &row->rate;

	text[0] = '\0';
	switch (column) {
	case COLUMN_STATE:
		return state_cell(row, text, CELL_BYTES);
	case COLUMN_WEIGHT:
		if (row->backend && row->backend != ROWS_SPILLED)
			weight_cell(row, table->is_utf8, text, CELL_BYTES);
		return;
	case COLUMN_FLOWS:
		human_format(row->flows, text);
		return;
	case COLUMN_NEW:
		return rate_cell(table, rate->new_flows, text);
	case COLUMN_PACKETS:
		return rate_cell(table, rate->packets + rate->reply_packets, text);
	case COLUMN_BITS:
		return rate_cell(table, 8 * (rate->bytes + rate->reply_bytes), text);
	case COLUMN_MEAN:
		latency_format(&row->times, row->times.mean_us, text);
		return;
	case COLUMN_P50:
		latency_format(&row->times, row->times.p50_us, text);
		return;
	case COLUMN_P99:
		latency_format(&row->times, row->times.p99_us, text);
		return;
	default:
		return sparkline_format(&row->sparkline, table->sparkline_columns, table->max_us,
					table->is_utf8, text);
	}
}

static enum line_style row_style(const struct rows_entry *row)
{
	if (row->backend && row->health == LB_HEALTH_DOWN)
		return LINE_ERROR;
	if (row->backend)
		return row->state == LB_STATE_READY ? LINE_PLAIN : LINE_WARNING;
	if (row->fails_open || !row->serving)
		return LINE_ERROR;
	return row->serving < row->backends ? LINE_WARNING : LINE_TITLE;
}

static void put_cell(const struct layout_table *table, struct line *line, enum line_style style,
		     enum column column, const char *text)
{
	size_t width =
		column == COLUMN_SPARKLINE ? table->sparkline_columns : columns[column].width;

	line_add(line, style, " ");
	if (columns[column].is_left)
		line_add_left(line, style, width, text);
	else
		line_add_right(line, style, width, text);
}

void layout_table_header(const struct layout_table *table, struct line *line)
{
	bool by_name = table->key == SORT_NAME;

	line_add_left(line, by_name ? LINE_TITLE : LINE_HEADER, table->name_columns,
		      table->name_columns < sizeof("SERVICE / BACKEND") - 1 ? "SERVICE"
									    : "SERVICE / BACKEND");
	for (enum column i = 0; i < COLUMNS; i++)
		if (table->shown & 1U << i)
			put_cell(table, line,
				 columns[i].key == table->key ? LINE_TITLE : LINE_HEADER, i,
				 columns[i].title);
	line_add_left(line, LINE_HEADER, line->columns_max - line->columns, "");
}

/* All sparklines of a service share a scale, so that slower backends have higher bars. */
static void find_scale(struct layout_table *table, __u32 service)
{
	if (table->service == service)
		return;
	table->service = service;
	table->max_us = 0;
	for (size_t i = 0; i < table->rows->count; i++) {
		const struct rows_entry *row = &table->rows->entries[i];

		if (row->service == service)
			table->max_us =
				fmax(table->max_us,
				     sparkline_max(&row->sparkline, table->sparkline_columns));
	}
}

void layout_table_row(struct layout_table *table, const struct rows_entry *row, struct line *line)
{
	enum line_style style = row_style(row);
	char text[CELL_BYTES];

	find_scale(table, row->service);
	format_name(row, text, sizeof(text));
	if (row->backend)
		line_add_tail(line, style, table->name_columns, text);
	else
		line_add_left(line, style, table->name_columns, text);
	for (enum column i = 0; i < COLUMNS; i++) {
		if (!(table->shown & 1U << i))
			continue;
		format_cell(table, row, i, text);
		put_cell(table, line, style, i, text);
	}
	line_add_left(line, style, line->columns_max - line->columns, "");
}
