// SPDX-License-Identifier: GPL-2.0-only
#include "top/sparkline.h"

#include <string.h>

#define LEVELS 8

/* The sample in a column; negative if there is none. */
static double sample_at(const struct sparkline *sparkline, size_t columns, size_t column)
{
	size_t age = columns - column;

	if (age > sparkline->count || age > SPARKLINE_SAMPLES)
		return -1;
	return sparkline->us[(sparkline->count - age) % SPARKLINE_SAMPLES];
}

void sparkline_add(struct sparkline *sparkline, double us)
{
	sparkline->us[sparkline->count++ % SPARKLINE_SAMPLES] = (float)us;
	/* Avoids an overflow. A multiple of the length keeps the position in the ring. */
	if (sparkline->count >= 1000 * SPARKLINE_SAMPLES)
		sparkline->count -= 500 * SPARKLINE_SAMPLES;
}

double sparkline_max(const struct sparkline *sparkline, size_t columns)
{
	double max_us = 0;

	for (size_t i = 0; i < columns; i++)
		if (sample_at(sparkline, columns, i) > max_us)
			max_us = sample_at(sparkline, columns, i);
	return max_us;
}

static const char *block(double us, double max_us, bool is_utf8)
{
	static const char *const blocks[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const letters[LEVELS] = {".", ":", "-", "=", "+", "*", "#", "@"};
	size_t level = max_us > 0 ? (size_t)(us / max_us * LEVELS) : 0;

	if (us < 0)
		return " ";
	if (level >= LEVELS)
		level = LEVELS - 1;
	return is_utf8 ? blocks[level] : letters[level];
}

void sparkline_format(const struct sparkline *sparkline, size_t columns, double max_us,
		      bool is_utf8, char text[SPARKLINE_TEXT_BYTES])
{
	size_t length = 0;

	for (size_t i = 0; i < columns && i < SPARKLINE_SAMPLES; i++) {
		const char *drawn = block(sample_at(sparkline, columns, i), max_us, is_utf8);

		memcpy(text + length, drawn, strlen(drawn));
		length += strlen(drawn);
	}
	text[length] = '\0';
}
