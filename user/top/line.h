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

#define STRIP_COLUMNS_MAX 320
#define STRIP_BYTES	  (STRIP_COLUMNS_MAX * 3 + 1)
#define STRIP_PARTS_MAX	  64

enum strip_style {
	STRIP_PLAIN,
	STRIP_TITLE,
	STRIP_HEAD,
	STRIP_WARNING,
	STRIP_BAD,
	STRIP_FAINT,
};

struct strip_part {
	size_t begin; /* bytes of the text, up to the next part's */
	enum strip_style style;
};

struct strip {
	char text[STRIP_BYTES];
	size_t bytes;
	size_t columns; /* taken so far */
	size_t columns_max;
	struct strip_part parts[STRIP_PARTS_MAX];
	size_t part_count;
	bool is_chosen; /* the cursor is on it */
};

void strip_begin(struct strip *strip, size_t columns);

/* Where a part ends. */
size_t strip_end(const struct strip *strip, size_t part);

__attribute__((format(printf, 3, 4))) void strip_add(struct strip *strip, enum strip_style style,
						     const char *format, ...);

/* Text in so many columns, to the left or to the right; what is longer is cut off. */
void strip_left(struct strip *strip, enum strip_style style, size_t columns, const char *text);
void strip_right(struct strip *strip, enum strip_style style, size_t columns, const char *text);

/* To the left, and cut off in front: of addresses the end tells who it is. */
void strip_tail(struct strip *strip, enum strip_style style, size_t columns, const char *text);

/* Columns of a text. */
size_t strip_width(const char *text);

#endif
