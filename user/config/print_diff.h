/* SPDX-License-Identifier: GPL-2.0-only */
/* What a file would change, as text and as JSON, one difference after the other. */
#ifndef CONFIG_PRINT_DIFF_H
#define CONFIG_PRINT_DIFF_H

#include "base/output.h"
#include "config/diff.h"

/* `number` counts from 0; after the last one comes the end, also of none. */
void print_difference(const struct output *out, const struct diff *diff, size_t number);
void print_differences_end(const struct output *out, size_t count);

#endif
