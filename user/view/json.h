/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prints JSON, each value as one text, which is faster than token by token. Functions take over the
 * reference to the value, and print nothing if the output is quiet.
 */
#ifndef VIEW_JSON_H
#define VIEW_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "base/output.h"

/* The value as text, which the caller frees; NULL = no memory. `style`: JSON_COMPACT, JSON_INDENT(n). */
char *json_write(json_t *json, size_t style);

/* Prints a whole answer and a line feed. */
void json_print(const struct output *out, json_t *json);

/* The same on another stream, even if the output is quiet. */
void json_print_to(FILE *stream, const struct output *out, json_t *json);

/* Prints one of a sequence of values, each compact in one line. */
void json_print_line(const struct output *out, json_t *json);

/* Prints an element of an array; `number` counts from 0. */
void json_print_element(const struct output *out, json_t *json, size_t number);

/* Prints the end of an array of `count` elements, which may be 0. */
void json_print_end(const struct output *out, size_t count);

/* A string; bytes that are not UTF-8 become '?', because arguments can have any bytes. */
json_t *json_text(const char *text);

/* A string, or null if the text is NULL or empty. */
json_t *json_text_or_null(const char *text);

#endif
