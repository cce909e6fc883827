/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A line of the screen of limited width, built from left to right of parts with a style. Text that
 * does not fit is cut off. Text is UTF-8, each character one column wide.
 *
 * Pure: owns nothing, and is independent of the terminal.
 */
#ifndef TOP_LINE_H
#define TOP_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_COLUMNS_MAX 320
#define LINE_BYTES	 (LINE_COLUMNS_MAX * 3 + 1)
#define LINE_PARTS_MAX	 64

enum line_style {
	LINE_PLAIN,
	LINE_TITLE,
	LINE_HEADER,
	LINE_WARNING,
	LINE_ERROR,
	LINE_DIM,
};

struct line_part {
	size_t begin; /* byte of the text; it ends where the next part begins */
	enum line_style style;
};

struct line {
	char text[LINE_BYTES];
	size_t bytes;
	size_t columns; /* used so far */
	size_t columns_max;
	struct line_part parts[LINE_PARTS_MAX];
	size_t part_count;
	bool is_selected; /* the cursor is on it */
};

void line_begin(struct line *line, size_t columns);

/* The byte after a part. */
size_t line_part_end(const struct line *line, size_t part);

__attribute__((format(printf, 3, 4))) void line_add(struct line *line, enum line_style style,
						    const char *format, ...);

/* Adds text in a field of this width, aligned left or right; longer text is cut off. */
void line_add_left(struct line *line, enum line_style style, size_t columns, const char *text);
void line_add_right(struct line *line, enum line_style style, size_t columns, const char *text);

/* Aligned left, and cut off at its beginning: the end of an address identifies it. */
void line_add_tail(struct line *line, enum line_style style, size_t columns, const char *text);

/* Width of a text in columns. */
size_t line_text_width(const char *text);

#endif
