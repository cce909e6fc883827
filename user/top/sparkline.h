/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sparks: the last samples of a time, as a row of blocks, one a column, the newest to the right.
 *
 *     ▁▁▂▁▁▃█▆▂▁        .....-#*..
 *
 * Blocks in UTF-8, or plain ASCII. Where nothing was timed, there is a gap. How high
 * a block is depends on what it is held against, so that several rows may have one scale.
 * Pure: owns nothing.
 */
#ifndef TOP_SPARKLINE_H
#define TOP_SPARKLINE_H

#include <stdbool.h>
#include <stddef.h>

#define SPARKLINE_SAMPLES    60
#define SPARKLINE_TEXT_BYTES (SPARKLINE_SAMPLES * 3 + 1)

struct sparkline {
	float us[SPARKLINE_SAMPLES]; /* a ring; below 0: nothing was timed */
	unsigned int count; /* so far */
};

void sparkline_add(struct sparkline *sparkline, double us);

/* The longest of the last `columns` samples; 0 if there is none. */
double sparkline_max(const struct sparkline *sparkline, size_t columns);

/* So many columns wide, up to SPARKLINE_SAMPLES. */
void sparkline_format(const struct sparkline *sparkline, size_t columns, double max_us,
		      bool is_utf8, char text[SPARKLINE_TEXT_BYTES]);

#endif
