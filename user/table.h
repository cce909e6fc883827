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

/* Two columns more if anything was timed; what is put into them otherwise goes nowhere. */
void table_add_latency(struct libscols_table *table, const struct view *view);
void table_put_latency(struct libscols_line *line, size_t column, struct latency_figures latency);

#endif
