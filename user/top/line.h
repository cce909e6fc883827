/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A strip: one line of a screen, made from left to right of parts that look alike. It is never
 * wider than it was begun with: what does not fit is cut off. Text is UTF-8, each
 * character one column wide.
 *
 * Pure: owns nothing, and knows no terminal.
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
	size_t begin; /* bytes of the text, up to the next part's */
	enum line_style style;
};

struct line {
	char text[LINE_BYTES];
	size_t bytes;
	size_t columns; /* taken so far */
	size_t columns_max;
	struct line_part parts[LINE_PARTS_MAX];
	size_t part_count;
	bool is_selected; /* the cursor is on it */
};

void queue_init(struct line *line, size_t columns);

/* Where a part ends. */
size_t line_part_end(const struct line *line, size_t part);

__attribute__((format(printf, 3, 4))) void queue_push(struct line *line, enum line_style style,
						      const char *format, ...);

/* Text in so many columns, to the left or to the right; what is longer is cut off. */
void line_add_left(struct line *line, enum line_style style, size_t columns, const char *text);
void line_add_right(struct line *line, enum line_style style, size_t columns, const char *text);

/* To the left, and cut off in front: of addresses the end tells who it is. */
void line_add_tail(struct line *line, enum line_style style, size_t columns, const char *text);

/* Columns of a text. */
size_t line_text_width(const char *text);

#endif
