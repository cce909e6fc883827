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

#define SPARK_SAMPLES	 60
#define SPARK_TEXT_BYTES (SPARK_SAMPLES * 3 + 1)

struct spark {
	float us[SPARK_SAMPLES]; /* a ring; below 0: nothing was timed */
	unsigned int count; /* so far */
};

void spark_add(struct spark *spark, double us);

/* The longest of the last `columns` samples; 0 if there is none. */
double spark_longest(const struct spark *spark, size_t columns);

/* So many columns wide, up to SPARK_SAMPLES. */
void spark_draw(const struct spark *spark, size_t columns, double longest, bool is_utf8,
		char text[SPARK_TEXT_BYTES]);

#endif
