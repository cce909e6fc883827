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

enum order_key {
	ORDER_NAME,
	ORDER_WEIGHT,
	ORDER_FLOWS,
	ORDER_NEW,
	ORDER_PACKETS,
	ORDER_BITS,
	ORDER_MEAN,
	ORDER_P50,
	ORDER_P99,
	ORDER_KEYS
};

/* As typed after --sort; ends with NULL. */
extern const char *const order_names[ORDER_KEYS + 1];

/* What to press for it. */
char order_letter(enum order_key key);

/* 0, or -EINVAL with `key` untouched. */
int order_parse(const char *name, enum order_key *key);

struct order {
	enum order_key key;
	bool is_reversed;
	__u32 only; /* the service that is shown; 0 = all */
};

/* Writes who is shown, line by line, to room for all rows, and returns how many they are; -ENOMEM. */
int order_rows(const struct board *board, const struct order *order,
	       const struct board_row **shown);

#endif
