/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Order: in which the board's services are shown, and the backends of each of them. By name, or by
 * one of the figures, the greatest first; who is alike stands by name, so that nobody jumps
 * about. By name is by address, too: 10.0.0.9 comes before 10.0.0.10.
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

/* As typed after --sort; ends with NULL. */
extern const char *const sort_names[SORT_KEYS + 1];

/* What to press for it. */
char sort_letter(enum sort_key key);

/* 0, or -EINVAL with `key` untouched. */
int sort_parse(const char *name, enum sort_key *key);

struct sort {
	enum sort_key key;
	bool is_reversed;
	__u32 only; /* the service that is shown; 0 = all */
};

/* Writes who is shown, line by line, to room for all rows, and returns how many they are; -ENOMEM. */
int sort_rows(const struct rows *rows, const struct sort *sort, const struct rows_entry **shown);

#endif
