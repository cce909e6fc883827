/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A frame of `top`: how a board is laid out in so many columns and lines. Where room is scarce,
 * what matters least is left out: whole columns of the table first, then lines around it.
 *
 *     what is looked at, how it is ordered
 *     where it is attached, who controls it
 *     everything together
 *     HEAD OF THE TABLE
 *     services and backends, as many as there is room for
 *     what became of packets
 *     keys, or a message
 *
 * Pure: hands out strips from top to bottom, and knows no terminal.
 */
#ifndef TOP_LAYOUT_H
#define TOP_LAYOUT_H

#include "top/keys.h"
#include "top/line.h"

struct layout {
	size_t columns;
	size_t lines; /* 0: plain text, of as many lines as there are, without cursor and keys */
	bool is_utf8;
	double interval; /* seconds */
	void (*put)(void *to, const struct line *line);
	void *to;
};

/* How many lines of the table there is room for. */
size_t layout_page(const struct layout *layout, const struct rows *rows);

/* Everything; the cursor has been settled. */
void layout_draw(const struct layout *layout, const struct rows *rows, const struct ui *ui,
		 const struct ui_lines *lines);

/* The table, in top/layout_table.c: which columns there is room for, and how wide they are. */
struct layout_table {
	const struct rows *rows;
	size_t name_columns;
	size_t sparkline_columns;
	unsigned int shown; /* a bit for each column */
	bool is_utf8;
	enum sort_key key;
	__u32 service; /* whose sparks are held against */
	double max_us;
};

void layout_table_plan(struct layout_table *table, const struct layout *layout,
		       const struct rows *rows, const struct ui *ui, const struct ui_lines *lines);
void layout_table_header(const struct layout_table *table, struct line *line);
void layout_table_row(struct layout_table *table, const struct rows_entry *row, struct line *line);

/* What became of packets, in top/layout_outcomes.c; returns how many lines that takes, or took. */
size_t layout_outcome_lines(const struct layout *layout, const struct rows *rows);
void layout_draw_outcomes(const struct layout *layout, const struct rows *rows, size_t lines);

#endif
