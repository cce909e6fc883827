/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sparkline: the last samples of a time as bars, one per column, newest to the right.
 *
 *     ▁▁▂▁▁▃█▆▂▁        .....-#*..
 *
 * UTF-8 blocks, or ASCII. An interval without samples is a gap. The caller gives the scale, so that
 * several rows can share it.
 *
 * Pure: owns nothing.
 */
#ifndef TOP_SPARKLINE_H
#define TOP_SPARKLINE_H

#include <stdbool.h>
#include <stddef.h>

#define SPARKLINE_SAMPLES    60
#define SPARKLINE_TEXT_BYTES (SPARKLINE_SAMPLES * 3 + 1)

struct sparkline {
	float us[SPARKLINE_SAMPLES]; /* a ring; negative = no sample */
	unsigned int count; /* so far */
};

void sparkline_add(struct sparkline *sparkline, double us);

/* The maximum of the last `columns` samples; 0 if there is none. */
double sparkline_max(const struct sparkline *sparkline, size_t columns);

/* Formats up to SPARKLINE_SAMPLES columns. */
void sparkline_format(const struct sparkline *sparkline, size_t columns, double max_us,
		      bool is_utf8, char text[SPARKLINE_TEXT_BYTES]);

#endif
