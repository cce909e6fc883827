/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Printing JSON: in one piece, which is faster than token by token. Every function takes
 * over the value's reference, and prints nothing where the output is quiet.
 */
#ifndef VIEW_JSON_H
#define VIEW_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "base/output.h"

/* As text that the caller owns; NULL: no memory. `style` is JSON_COMPACT or JSON_INDENT(n). */
char *json_write(json_t *json, size_t style);

/* A whole answer, and a line feed. */
void json_print(const struct output *out, json_t *json);

/* The same on another stream, also where the output is quiet. */
void json_print_to(FILE *stream, const struct output *out, json_t *json);

/* One of a sequence of values, each compact in a line of its own. */
void json_print_line(const struct output *out, json_t *json);

/* Elements of an array, one after the other; `number` counts from 0. */
void json_print_element(const struct output *out, json_t *json, size_t number);

/* The end of an array of `count` elements, which may be 0. */
void json_print_end(const struct output *out, size_t count);

/* A string, with '?' for what is not UTF-8: words that a user typed may be anything. */
json_t *json_text(const char *text);

/* A string, or null where there is none. */
json_t *json_text_or_null(const char *text);

#endif
