/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Browsing: what the one in front of `top` has chosen: the order, the line of the cursor, what
 * is folded, and what the keys do to that.
 *
 * The cursor stays with whom it was set on, however lines are reordered; as long as it was not
 * moved it is on the first line. Pure: owns nothing.
 */
#ifndef TOP_KEYS_H
#define TOP_KEYS_H

#include "top/sort.h"

/* Keys that are no characters. */
enum browse_key {
	BROWSE_UP = 256,
	BROWSE_DOWN,
	BROWSE_PAGE_UP,
	BROWSE_PAGE_DOWN,
	BROWSE_HOME,
	BROWSE_END,
	BROWSE_LEFT,
	BROWSE_RIGHT,
	BROWSE_OTHER,
};

#define BROWSE_ENTER  '\n'
#define BROWSE_ESCAPE 27

struct browse {
	struct order order;
	__u32 service, backend; /* whom the cursor was set on; 0, 0: nobody */
	size_t line; /* where that is */
	size_t first; /* line that is shown at the top */
	bool is_paused;
	bool is_helping;
	bool is_over;
	char message[80]; /* what the last key has to be told; "" = nothing */
};

/* What is shown, and how much of it at once. */
struct browse_lines {
	const struct board_row **shown;
	size_t count;
	size_t page;
};

/* Finds the cursor again, and has the lines around it shown. */
void browse_settle(struct browse *browse, const struct browse_lines *lines);

/* After which the lines may be others. */
void browse_press(struct browse *browse, struct board *board, const struct browse_lines *lines,
		  int key);

#endif
