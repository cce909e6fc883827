/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State of the user interface of `top`: sort order, cursor, folded services; and the keys that
 * change it.
 *
 * The cursor follows its service or backend when lines are reordered. Until it is moved, it is on
 * the first line. Pure: owns nothing.
 */
#ifndef TOP_KEYS_H
#define TOP_KEYS_H

#include "top/sort.h"

/* Keys without a character. */
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
	__u32 service, backend; /* ids at the cursor; 0, 0 = it was not moved */
	size_t index; /* line of the cursor */
	size_t first; /* first visible line */
	bool is_paused;
	bool is_help_shown;
	bool is_finished;
	char message[80]; /* about the last key; "" = none */
};

/* The lines of the table, of which `page` fit the screen. */
struct ui_lines {
	const struct rows_entry **shown;
	size_t count;
	size_t page;
};

/* Finds the line of the cursor, and scrolls to it. */
void ui_place_cursor(struct ui *ui, const struct ui_lines *lines);

/* The caller must list the lines again afterwards. */
void ui_handle_key(struct ui *ui, struct rows *rows, const struct ui_lines *lines, int key);

#endif
