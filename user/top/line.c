// SPDX-License-Identifier: GPL-2.0-only
#include "top/line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* All bytes of a character in UTF-8 except the first one. */
static bool is_continuation(char byte)
{
	return (byte & 0xc0) == 0x80;
}

void line_begin(struct line *line, size_t columns)
{
	*line = (struct line){
		.columns_max = columns < LINE_COLUMNS_MAX ? columns : LINE_COLUMNS_MAX,
	};
}

size_t line_part_end(const struct line *line, size_t part)
{
	return part + 1 < line->part_count ? line->parts[part + 1].begin : line->bytes;
}

size_t line_text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += !is_continuation(*text);
	return width;
}

/* The text after this number of columns. */
static const char *skip(const char *text, size_t columns)
{
	while (*text && columns--)
		for (text++; is_continuation(*text); text++)
			;
	return text;
}

static void begin_part(struct line *line, enum line_style style)
{
	size_t count = line->part_count;

	if (count && (line->parts[count - 1].style == style || count == LINE_PARTS_MAX))
		return;
	line->parts[count] = (struct line_part){.begin = line->bytes, .style = style};
	line->part_count = count + 1;
}

/* Appends what fits of the text, at most `columns`. */
static void append(struct line *line, enum line_style style, const char *text, size_t columns)
{
	size_t left = line->columns_max - line->columns;
	size_t bytes;

	if (columns > left)
		columns = left;
	bytes = skip(text, columns) - text;
	if (!bytes || line->bytes + bytes >= LINE_BYTES)
		return;
	begin_part(line, style);
	memcpy(line->text + line->bytes, text, bytes);
	line->bytes += bytes;
	line->text[line->bytes] = '\0';
	line->columns += line_text_width(text) < columns ? line_text_width(text) : columns;
}

static void pad(struct line *line, enum line_style style, size_t columns)
{
	while (columns--)
		append(line, style, " ", 1);
}

void line_add(struct line *line, enum line_style style, const char *format, ...)
{
	char text[LINE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	append(line, style, text, LINE_COLUMNS_MAX);
}

void line_add_left(struct line *line, enum line_style style, size_t columns, const char *text)
{
	size_t width = line_text_width(text);

	append(line, style, text, columns);
	if (width < columns)
		pad(line, style, columns - width);
}

void line_add_right(struct line *line, enum line_style style, size_t columns, const char *text)
{
	size_t width = line_text_width(text);

	if (width < columns)
		pad(line, style, columns - width);
	append(line, style, text, columns);
}

void line_add_tail(struct line *line, enum line_style style, size_t columns, const char *text)
{
	size_t width = line_text_width(text);

	if (width > columns && columns) {
		append(line, style, "~", 1);
		text = skip(text, width - columns + 1);
		columns--;
	}
	line_add_left(line, style, columns, text);
}
