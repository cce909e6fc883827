/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Short forms for display: numbers with a unit prefix, names of enumerators.
 *
 * Pure: owns nothing.
 */
#ifndef BASE_HUMAN_H
#define BASE_HUMAN_H

#include <stddef.h>

#define HUMAN_TEXT_BYTES 16

/* "0.3", "950", "12.3k", "1.2M": at most five columns. Returns the text. */
const char *human_format(double value, char text[HUMAN_TEXT_BYTES]);

/* The name at an index, such as an enumerator; "?" beyond the end. */
const char *name_of(const char *const *names, size_t count, size_t index);

#endif
