/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sort order of services, and of the backends of each service: by name, or by a value, largest
 * first. Equal values are sorted by name, so that lines do not jump. Backends are sorted by address
 * as a number: 10.0.0.9 is before 10.0.0.10.
 *
 * Pure: owns nothing.
 */
#ifndef TOP_SORT_H
#define TOP_SORT_H

#include <stdbool.h>
#include <stddef.h>

#include "top/rows.h"

enum sort_key {
	SORT_NAME,
	SORT_WEIGHT,
	SORT_FLOWS,
	SORT_NEW,
	SORT_PACKETS,
	SORT_BITS,
	SORT_MEAN,
	SORT_P50,
	SORT_P99,
	SORT_KEYS
};

/* Values of --sort; ends with NULL. */
extern const char *const sort_names[SORT_KEYS + 1];

/* The key to press. */
char sort_letter(enum sort_key key);

/* Returns 0, or -EINVAL with `key` untouched. */
int sort_parse(const char *name, enum sort_key *key);

struct sort {
	enum sort_key key;
	bool is_reversed;
	__u32 only; /* id of the only service to list; 0 = all */
};

/*
 * Lists the visible rows in `shown`, which has room for all rows. Returns their number, or
 * -ENOMEM.
 */
int sort_rows(const struct rows *rows, const struct sort *sort, const struct rows_entry **shown);

#endif
