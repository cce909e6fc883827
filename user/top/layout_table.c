// SPDX-License-Identifier: GPL-2.0-only
/* Pure: the table of services and backends: which columns fit, and how wide they are. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "model/backend_flags.h"
#include "top/layout.h"

#define NAME_COLUMNS_MIN 16
#define CELL_BYTES	 SPARK_TEXT_BYTES

/* From left to right. */
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
	COLUMN_SPARK,
	COLUMNS
};

static const struct {
	const char *title;
	size_t width; /* without the gap before it */
	bool is_time;
	bool is_left;
	enum order_key key;
} columns[] = {
	[COLUMN_STATE] = {"STATE", 10, false, true, ORDER_KEYS},
	[COLUMN_WEIGHT] = {"WEIGHT", 8, false, false, ORDER_WEIGHT},
	[COLUMN_FLOWS] = {"FLOWS", 5, false, false, ORDER_FLOWS},
	[COLUMN_NEW] = {"NEW/s", 5, false, false, ORDER_NEW},
	[COLUMN_PACKETS] = {"PKT/s", 5, false, false, ORDER_PACKETS},
	[COLUMN_BITS] = {"BIT/s", 5, false, false, ORDER_BITS},
	[COLUMN_MEAN] = {"MEAN", 5, true, false, ORDER_MEAN},
	[COLUMN_P50] = {"P50", 5, true, false, ORDER_P50},
	[COLUMN_P99] = {"P99", 5, true, false, ORDER_P99},
	[COLUMN_SPARK] = {"LATENCY", 7, true, false, ORDER_KEYS},
};

/* Who gets room first, behind what is ordered by. */
static const enum column precedence[] = {
	COLUMN_PACKETS, COLUMN_STATE,  COLUMN_BITS, COLUMN_P99,	  COLUMN_FLOWS,
	COLUMN_P50,	COLUMN_WEIGHT, COLUMN_NEW,  COLUMN_SPARK, COLUMN_MEAN,
};

static void name_row(const struct board_row *row, char *text, size_t size)
{
	char endpoint[ENDPOINT_TEXT_BYTES];

	endpoint_format(row->address, row->port, endpoint, sizeof(endpoint));
	if (row->backend == BOARD_SPILLED)
		snprintf(text, size, "  to %s", row->spill);
	else if (row->backend)
		snprintf(text, size, "  %s", endpoint);
	else
		snprintf(text, size, "%c %s %s/%s", row->is_folded ? '+' : '-', row->name, endpoint,
			 protocol_name(row->protocol));
}

/* Who has room left: names as long as the longest, then the sparks. */
static void share(struct frame_table *table, size_t left, const struct browse_lines *lines)
{
	size_t wanted = table->name_columns, more;
	char name[CELL_BYTES];

	for (size_t i = 0; i < lines->count; i++) {
		name_row(lines->shown[i], name, sizeof(name));
		if (strip_width(name) > wanted)
			wanted = strip_width(name);
	}
	more = wanted - table->name_columns < left ? wanted - table->name_columns : left;
	table->name_columns += more;
	left -= more;
	table->spark_columns = columns[COLUMN_SPARK].width + left;
	if (table->spark_columns > SPARK_SAMPLES)
		table->spark_columns = SPARK_SAMPLES;
}

/* False: there is no room for it. */
static bool take(struct frame_table *table, enum column column, size_t *left)
{
	size_t width = columns[column].width + 1;

	if (table->shown & 1U << column || (columns[column].is_time && !table->board->is_timed))
		return true;
	if (width > *left)
		return false;
	table->shown |= 1U << column;
	*left -= width;
	return true;
}

void frame_table_plan(struct frame_table *table, const struct frame *frame,
		      const struct board *board, const struct browse *browse,
		      const struct browse_lines *lines)
{
	size_t half = frame->columns / 2, left;

	*table = (struct frame_table){
		.board = board,
		.name_columns = half < NAME_COLUMNS_MIN ? half : NAME_COLUMNS_MIN,
		.is_utf8 = frame->is_utf8,
		.key = browse->order.key,
	};
	left = frame->columns - table->name_columns;
	for (enum column i = 0; i < COLUMNS; i++)
		if (columns[i].key == table->key)
			take(table, i, &left);
	for (size_t i = 0; i < COLUMNS && take(table, precedence[i], &left); i++)
		;
	share(table, left, lines);
}

/* "3.20" is 3.2, "5.00" is 5. */
static void trim(char *number)
{
	size_t length = strlen(number);

	if (!strchr(number, '.'))
		return;
	while (number[length - 1] == '0')
		number[--length] = '\0';
	if (number[length - 1] == '.')
		number[length - 1] = '\0';
}

/* "5", or with what has become of it "5>3.21"; that alone where there is no room for both. */
static void weight_cell(const struct board_row *row, bool is_utf8, char *text, size_t size)
{
	const char *arrow = is_utf8 ? "→" : ">";
	double weight = row->effective_weight;
	char effective[32];

	snprintf(effective, sizeof(effective), "%.*f",
		 weight < 10	? 2
		 : weight < 100 ? 1
				: 0,
		 weight);
	trim(effective);
	if (fabs(weight - row->weight) < 0.0005)
		snprintf(text, size, "%.0f", row->weight);
	else
		snprintf(text, size, "%.0f%s%s", row->weight, arrow, effective);
	if (strip_width(text) > columns[COLUMN_WEIGHT].width)
		snprintf(text, size, "%s%s", arrow, effective);
}

static void state_cell(const struct board_row *row, char *text, size_t size)
{
	if (row->backend == BOARD_SPILLED)
		snprintf(text, size, "spilled");
	else if (row->backend)
		snprintf(text, size, "%s %s", state_name(row->state),
			 row->health == LB_HEALTH_UNKNOWN ? "-" : health_name(row->health));
	else if (row->fails_open)
		snprintf(text, size, "FAIL OPEN");
	else
		snprintf(text, size, "%u/%u", row->serving, row->backends);
}

static void rate_cell(const struct frame_table *table, double value, char *text)
{
	if (table->board->seconds > 0)
		rate_format(value, text);
	else
		strcpy(text, "-");
}

static void format_cell(const struct frame_table *table, const struct board_row *row,
			enum column column, char text[CELL_BYTES])
{
	const struct rate *rate = &row->rate;

	text[0] = '\0';
	switch (column) {
	case COLUMN_STATE:
		return state_cell(row, text, CELL_BYTES);
	case COLUMN_WEIGHT:
		if (row->backend && row->backend != BOARD_SPILLED)
			weight_cell(row, table->is_utf8, text, CELL_BYTES);
		return;
	case COLUMN_FLOWS:
		rate_format(row->flows, text);
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
		return spark_draw(&row->spark, table->spark_columns, table->longest, table->is_utf8,
				  text);
	}
}

static enum strip_style style_of(const struct board_row *row)
{
	if (row->backend && row->health == LB_HEALTH_DOWN)
		return STRIP_BAD;
	if (row->backend)
		return row->state == LB_STATE_READY ? STRIP_PLAIN : STRIP_WARNING;
	if (row->fails_open || !row->serving)
		return STRIP_BAD;
	return row->serving < row->backends ? STRIP_WARNING : STRIP_TITLE;
}

static void put_cell(const struct frame_table *table, struct strip *strip, enum strip_style style,
		     enum column column, const char *text)
{
	size_t width = column == COLUMN_SPARK ? table->spark_columns : columns[column].width;

	strip_add(strip, style, " ");
	if (columns[column].is_left)
		strip_left(strip, style, width, text);
	else
		strip_right(strip, style, width, text);
}

void frame_table_head(const struct frame_table *table, struct strip *strip)
{
	bool by_name = table->key == ORDER_NAME;

	strip_left(strip, by_name ? STRIP_TITLE : STRIP_HEAD, table->name_columns,
		   table->name_columns < sizeof("SERVICE / BACKEND") - 1 ? "SERVICE"
									 : "SERVICE / BACKEND");
	for (enum column i = 0; i < COLUMNS; i++)
		if (table->shown & 1U << i)
			put_cell(table, strip,
				 columns[i].key == table->key ? STRIP_TITLE : STRIP_HEAD, i,
				 columns[i].title);
	strip_left(strip, STRIP_HEAD, strip->columns_max - strip->columns, "");
}

/* One scale for all of a service, so that who is slower is higher. */
static void find_scale(struct frame_table *table, __u32 service)
{
	if (table->service == service)
		return;
	table->service = service;
	table->longest = 0;
	for (size_t i = 0; i < table->board->count; i++) {
		const struct board_row *row = &table->board->rows[i];

		if (row->service == service)
			table->longest = fmax(table->longest,
					      spark_longest(&row->spark, table->spark_columns));
	}
}

void frame_table_row(struct frame_table *table, const struct board_row *row, struct strip *strip)
{
	enum strip_style style = style_of(row);
	char text[CELL_BYTES];

	find_scale(table, row->service);
	name_row(row, text, sizeof(text));
	if (row->backend)
		strip_tail(strip, style, table->name_columns, text);
	else
		strip_left(strip, style, table->name_columns, text);
	for (enum column i = 0; i < COLUMNS; i++) {
		if (!(table->shown & 1U << i))
			continue;
		format_cell(table, row, i, text);
		put_cell(table, strip, style, i, text);
	}
	strip_left(strip, style, strip->columns_max - strip->columns, "");
}
