/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables on terminals, by libsmartcols: what the reports that are tables have in common.
 */
#ifndef TABLE_H
#define TABLE_H

#include <libsmartcols.h>
#include <stdbool.h>

#include "view.h"

/* Left to right; numbers stand to the right. */
struct table_column {
	const char *name; /* NULL ends them */
	int flags;
};

struct libscols_table *table_new(bool color, const struct table_column *columns);

/* Prints and releases; nothing if there are no lines. */
void table_print(struct libscols_table *table);

__attribute__((format(printf, 3, 4))) void table_cell(struct libscols_line *line, size_t column,
						      const char *format, ...);

/* In the cell of a column and the next, if anything was timed. */
void table_put_latency(struct libscols_line *line, size_t column, struct latency_figures latency);

/* Of no use where nothing is timed. */
void table_hide_latency(struct libscols_table *table, size_t column, const struct view *view);

#endif
