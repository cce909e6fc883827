/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables on terminals, by libsmartcols. */
#ifndef VIEW_TABLE_H
#define VIEW_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/traffic_rate.h"
#include "view/view.h"

struct libscols_line;
struct libscols_table;

/* Columns of a table, from left to right. */
struct column {
	const char *name; /* NULL ends the columns */
	int flags; /* SCOLS_FL_* */
};

/* Columns of traffic, in this order. */
enum traffic_column {
	TRAFFIC_FLOWS,
	TRAFFIC_NEW,
	TRAFFIC_PACKETS,
	TRAFFIC_BYTES,
	TRAFFIC_REPLIES,
	TRAFFIC_REPLY_BYTES,
	TRAFFIC_COLUMNS
};

struct libscols_table *table_create(bool color, const struct column *columns);

/* Hides optional columns, in this order, until the table fits the terminal. -1 ends them. */
void table_fit(struct libscols_table *table, const int *optional);

/* Prints the table unless it has no lines, and releases it. */
void table_print(struct libscols_table *table);

__attribute__((format(printf, 3, 4))) void table_set_cell(struct libscols_line *line, size_t column,
							  const char *format, ...);

/* NULL = no colour. */
void table_set_color(struct libscols_line *line, const char *color);

/* Adds the columns of traffic; `unit` is "" for totals, "/s" for rates. */
void table_add_traffic_columns(struct libscols_table *table, const char *unit);

/* Fills them; `first` is the first of them. */
void table_set_traffic(struct libscols_line *line, size_t first, const struct traffic_rate *rate,
		       __u64 flows);

/* Adds two columns if any request was sampled; else, cells that are set in them are dropped. */
void table_add_latency_columns(struct libscols_table *table, const struct view *view);
void table_set_latency(struct libscols_line *line, size_t column, struct latency_stats latency);

/* The colour of a backend's line; NULL = the default. */
const char *table_backend_color(const struct lb_backend_config *config);

#endif
