// SPDX-License-Identifier: GPL-2.0-only
#include "top/sparkline.h"

#include <string.h>

#define LEVELS 8

/* The sample in a column, of so many; below 0 where there is none. */
static double sample_at(const struct spark *spark, size_t columns, size_t column)
{
	size_t back = columns - column;

	if (back > spark->count || back > SPARK_SAMPLES)
		return -1;
	return spark->us[(spark->count - back) % SPARK_SAMPLES];
}

void spark_add(struct spark *spark, double us)
{
	spark->us[spark->count++ % SPARK_SAMPLES] = (float)us;
	/* The ring's length times something, so that it may go on for ever. */
	if (spark->count >= 1000 * SPARK_SAMPLES)
		spark->count -= 500 * SPARK_SAMPLES;
}

double spark_longest(const struct spark *spark, size_t columns)
{
	double longest = 0;

	for (size_t i = 0; i < columns; i++)
		if (sample_at(spark, columns, i) > longest)
			longest = sample_at(spark, columns, i);
	return longest;
}

static const char *block(double us, double longest, bool is_utf8)
{
	static const char *const blocks[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const letters[LEVELS] = {".", ":", "-", "=", "+", "*", "#", "@"};
	size_t level = longest > 0 ? (size_t)(us / longest * LEVELS) : 0;

	if (us < 0)
		return " ";
	if (level >= LEVELS)
		level = LEVELS - 1;
	return is_utf8 ? blocks[level] : letters[level];
}

void spark_draw(const struct spark *spark, size_t columns, double longest, bool is_utf8,
		char text[SPARK_TEXT_BYTES])
{
	size_t length = 0;

	for (size_t i = 0; i < columns && i < SPARK_SAMPLES; i++) {
		const char *drawn = block(sample_at(spark, columns, i), longest, is_utf8);

		memcpy(text + length, drawn, strlen(drawn));
		length += strlen(drawn);
	}
	text[length] = '\0';
}
