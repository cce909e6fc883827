/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints differences of configurations as text or JSON, one after the other. */
#ifndef CONFIG_PRINT_DIFF_H
#define CONFIG_PRINT_DIFF_H

#include "base/output.h"
#include "config/diff.h"

/* `number` counts from 0. print_differences_end() follows the last one, or none at all. */
void print_difference(const struct output *out, const struct diff *diff, size_t number);
void print_differences_end(const struct output *out, size_t count);

#endif
