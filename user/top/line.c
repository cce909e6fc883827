// SPDX-License-Identifier: GPL-2.0-only
#include "top/line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* In UTF-8 all bytes of a character but the first begin so. */
static bool continues(char byte)
{
	return (byte & 0xc0) == 0x80;
}

void strip_begin(struct strip *strip, size_t columns)
{
	*strip = (struct strip){
		.columns_max = columns < STRIP_COLUMNS_MAX ? columns : STRIP_COLUMNS_MAX,
	};
}

size_t strip_end(const struct strip *strip, size_t part)
{
	return part + 1 < strip->part_count ? strip->parts[part + 1].begin : strip->bytes;
}

size_t strip_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += !continues(*text);
	return width;
}

/* Where so many columns of a text end. */
static const char *skip(const char *text, size_t columns)
{
	while (*text && columns--)
		for (text++; continues(*text); text++)
			;
	return text;
}

static void style_from_here(struct strip *strip, enum strip_style style)
{
	size_t count = strip->part_count;

	if (count && (strip->parts[count - 1].style == style || count == STRIP_PARTS_MAX))
		return;
	strip->parts[count] = (struct strip_part){.begin = strip->bytes, .style = style};
	strip->part_count = count + 1;
}

/* As much of the text as fits, and no more than so many columns. */
static void put(struct strip *strip, enum strip_style style, const char *text, size_t columns)
{
	size_t left = strip->columns_max - strip->columns;
	size_t bytes;

	if (columns > left)
		columns = left;
	bytes = skip(text, columns) - text;
	if (!bytes || strip->bytes + bytes >= STRIP_BYTES)
		return;
	style_from_here(strip, style);
	memcpy(strip->text + strip->bytes, text, bytes);
	strip->bytes += bytes;
	strip->text[strip->bytes] = '\0';
	strip->columns += strip_width(text) < columns ? strip_width(text) : columns;
}

static void pad(struct strip *strip, enum strip_style style, size_t columns)
{
	while (columns--)
		put(strip, style, " ", 1);
}

void strip_add(struct strip *strip, enum strip_style style, const char *format, ...)
{
	char text[STRIP_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	put(strip, style, text, STRIP_COLUMNS_MAX);
}

void strip_left(struct strip *strip, enum strip_style style, size_t columns, const char *text)
{
	size_t width = strip_width(text);

	put(strip, style, text, columns);
	if (width < columns)
		pad(strip, style, columns - width);
}

void strip_right(struct strip *strip, enum strip_style style, size_t columns, const char *text)
{
	size_t width = strip_width(text);

	if (width < columns)
		pad(strip, style, columns - width);
	put(strip, style, text, columns);
}

void strip_tail(struct strip *strip, enum strip_style style, size_t columns, const char *text)
{
	size_t width = strip_width(text);

	if (width > columns && columns) {
		put(strip, style, "~", 1);
		text = skip(text, width - columns + 1);
		columns--;
	}
	strip_left(strip, style, columns, text);
}
