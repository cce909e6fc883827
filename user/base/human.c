// SPDX-License-Identifier: GPL-2.0-only
#include "base/human.h"

#include <stdio.h>

const char *human_format(double value, char text[HUMAN_TEXT_BYTES])
{
	static const char units[] = "kMGTPE";
	size_t unit = 0;

	if (value < 9999.5) {
		/* Small values get one decimal, unless they are whole. */
		snprintf(text, HUMAN_TEXT_BYTES,
			 value >= 9.95 || value == (int)value ? "%.0f" : "%.1f", value);
		return text;
	}
	for (value /= 1000; value >= 999.5 && units[unit + 1]; unit++)
		value /= 1000;
	snprintf(text, HUMAN_TEXT_BYTES, value < 99.95 ? "%.1f%c" : "%.0f%c", value, units[unit]);
	return text;
}

const char *name_of(const char *const *names, size_t count, size_t index)
{
	return index < count ? names[index] : "?";
}
