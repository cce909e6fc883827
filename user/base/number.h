/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whole decimal numbers.
 *
 * Pure: owns nothing.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <linux/types.h>

/* Reads digits only, from `least` to `most`. Returns 0, or -EINVAL with *value untouched. */
int number_parse(const char *text, __u64 least, __u64 most, __u64 *value);

#endif
