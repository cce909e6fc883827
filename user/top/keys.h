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
enum ui_key {
	UI_KEY_UP = 256,
	UI_KEY_DOWN,
	UI_KEY_PAGE_UP,
	UI_KEY_PAGE_DOWN,
	UI_KEY_HOME,
	UI_KEY_END,
	UI_KEY_LEFT,
	UI_KEY_RIGHT,
	UI_KEY_OTHER,
};

#define UI_KEY_ENTER  '\n'
#define UI_KEY_ESCAPE 27

struct ui {
	struct sort sort;
	__u32 service, backend; /* whom the cursor was set on; 0, 0: nobody */
	size_t index; /* where that is */
	size_t first; /* line that is shown at the top */
	bool is_paused;
	bool is_help_shown;
	bool is_finished;
	char message[80]; /* what the last key has to be told; "" = nothing */
};

/* What is shown, and how much of it at once. */
struct ui_lines {
	const struct rows_entry **shown;
	size_t count;
	size_t page;
};

/* Finds the cursor again, and has the lines around it shown. */
void ui_place_cursor(struct ui *ui, const struct ui_lines *lines);

/* After which the lines may be others. */
void ui_handle_key(struct ui *ui, struct rows *rows, const struct ui_lines *lines, int key);

#endif
