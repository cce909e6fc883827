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

struct frame {
	size_t columns;
	size_t lines; /* 0: plain text, of as many lines as there are, without cursor and keys */
	bool is_utf8;
	double interval; /* seconds */
	void (*put)(void *to, const struct strip *strip);
	void *to;
};

/* How many lines of the table there is room for. */
size_t frame_page(const struct frame *frame, const struct board *board);

/* Everything; the cursor has been settled. */
void frame_draw(const struct frame *frame, const struct board *board, const struct browse *browse,
		const struct browse_lines *lines);

/* The table, in top/layout_table.c: which columns there is room for, and how wide they are. */
struct frame_table {
	const struct board *board;
	size_t name_columns;
	size_t spark_columns;
	unsigned int shown; /* a bit for each column */
	bool is_utf8;
	enum order_key key;
	__u32 service; /* whose sparks are held against */
	double longest;
};

void frame_table_plan(struct frame_table *table, const struct frame *frame,
		      const struct board *board, const struct browse *browse,
		      const struct browse_lines *lines);
void frame_table_head(const struct frame_table *table, struct strip *strip);
void frame_table_row(struct frame_table *table, const struct board_row *row, struct strip *strip);

/* What became of packets, in top/layout_outcomes.c; returns how many lines that takes, or took. */
size_t frame_outcome_lines(const struct frame *frame, const struct board *board);
void frame_outcomes(const struct frame *frame, const struct board *board, size_t lines);

#endif
