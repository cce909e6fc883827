/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parser of decimal numbers. Only digits are accepted, and a point in fractions: no sign,
 * no blanks, no exponent.
 *
 * Pure: owns nothing. Functions leave *value untouched on failure.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <linux/types.h>
#include <stddef.h>

/* A whole number from `min` to `max`. Returns 0 or -EINVAL. */
int number_parse(const char *text, __u64 min, __u64 max, __u64 *value);

/*
 * The first `length` bytes of the text as a number with an optional fraction, multiplied by
 * `scale`: "1.25" with a scale of 1000 is 1250. Returns 0; -EINVAL if it is not a number;
 * -ERANGE if the product is not a whole number, or does not fit.
 */
int number_parse_scaled(const char *text, size_t length, __u64 scale, __u64 *value);

#endif
