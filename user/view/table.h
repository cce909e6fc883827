/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Columns on terminals, by libsmartcols: what the reports that are tables have in common.
 */
#ifndef VIEW_TABLE_H
#define VIEW_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "view/view.h"

struct libscols_line;
struct libscols_table;

/* Left to right; numbers stand to the right. */
struct column {
	const char *name; /* NULL ends them */
	int flags;
};

struct libscols_table *table_create(bool color, const struct column *columns);

/* On a terminal that is not as wide: hides columns, one after the other; -1 ends them. */
void table_fit(struct libscols_table *table, const int *optional);

/* Prints and releases; nothing if there are no lines. */
void table_print(struct libscols_table *table);

__attribute__((format(printf, 3, 4))) void table_set_cell(struct libscols_line *line, size_t column,
							  const char *format, ...);

/* NULL: none. */
void table_set_color(struct libscols_line *line, const char *color);

/* Two columns more if anything was timed; what is put into them otherwise goes nowhere. */
void table_add_latency_columns(struct libscols_table *table, const struct view *view);
void table_set_latency(struct libscols_line *line, size_t column, struct latency_stats latency);

/* The colour of a backend's line; NULL: the usual one. */
const char *table_backend_color(const struct lb_backend_config *config);

#endif
