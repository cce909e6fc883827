/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints counters, or rates per second, as a table on standard output. */
#ifndef VIEW_STATS_H
#define VIEW_STATS_H

#include "base/output.h"
#include "view/view.h"

/* With `before`, prints rates over `seconds`. */
void print_stats_text(const struct output *out, const struct view *view, const struct view *before,
		      double seconds);

#endif
