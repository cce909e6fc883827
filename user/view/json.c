// SPDX-License-Identifier: GPL-2.0-only
#include "view/json.h"

#include <stdlib.h>

#define TEXT_BYTES 1024

static size_t style_of(const struct output *out)
{
	return out->pretty ? JSON_INDENT(2) : JSON_COMPACT;
}

char *json_write(json_t *json, size_t style)
{
	char *text = json_dumps(json, style | JSON_ENCODE_ANY | JSON_REAL_PRECISION(10));

	json_decref(json);
	return text;
}

void json_print_to(FILE *stream, const struct output *out, json_t *json)
{
	char *text = json_write(json, style_of(out));

	if (text)
		fprintf(stream, "%s\n", text);
	fflush(stream);
	free(text);
}

void json_print(const struct output *out, json_t *json)
{
	if (out->quiet)
		json_decref(json);
	else
		json_print_to(stdout, out, json);
}

void json_print_line(const struct output *out, json_t *json)
{
	const struct output line = {.quiet = out->quiet};

	json_print(&line, json);
}

void json_print_element(const struct output *out, json_t *json, size_t number)
{
	char *text = json_write(json, style_of(out));

	if (text && !out->quiet)
		printf("%s%s%s", number ? "," : "[", out->pretty ? "\n" : "", text);
	free(text);
}

void json_print_end(const struct output *out, size_t count)
{
	if (!out->quiet)
		printf("%s%s]\n", count ? "" : "[", count && out->pretty ? "\n" : "");
}

json_t *json_text(const char *text)
{
	json_t *string = json_string(text);
	char plain[TEXT_BYTES];

	if (string)
		return string;
	snprintf(plain, sizeof(plain), "%s", text);
	for (char *letter = plain; *letter; letter++)
		if (*letter & 0x80)
			*letter = '?';
	return json_string(plain);
}

json_t *json_text_or_null(const char *text)
{
	return text && text[0] ? json_text(text) : json_null();
}
