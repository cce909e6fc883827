/* SPDX-License-Identifier: GPL-2.0-only */
/* The size and the output of a screen of `top`. Pure: owns nothing. */
#ifndef TOP_LAYOUT_TYPES_H
#define TOP_LAYOUT_TYPES_H

#include "top/line.h"

struct layout {
	size_t columns;
	size_t lines; /* 0 = plain text of any length, without cursor and keys */
	bool is_utf8;
	double interval; /* seconds */
	void (*put)(void *owner, const struct line *line); /* outputs the next line */
	void *owner;
};

#endif
