/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of services and backends: columns that fit, and their widths. Pure: owns nothing. */
#ifndef TOP_LAYOUT_TABLE_H
#define TOP_LAYOUT_TABLE_H

#include "top/keys.h"
#include "top/layout_types.h"

struct layout_table {
	const struct rows *rows;
	size_t name_columns;
	size_t sparkline_columns;
	unsigned int shown; /* a bit per column */
	bool is_utf8;
	enum sort_key key;
	__u32 service; /* max_us is its scale */
	double max_us;
};

void layout_table_plan(struct layout_table *table, const struct layout *layout,
		       const struct rows *rows, const struct ui *ui, const struct ui_lines *lines);
void layout_table_header(const struct layout_table *table, struct line *line);
void layout_table_row(struct layout_table *table, const struct rows_entry *row, struct line *line);

#endif
