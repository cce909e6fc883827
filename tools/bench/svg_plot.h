/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Plot of response times as SVG: one panel per scenario, one line per policy, from the median
 * to the 99th percentile, both with the range of their repetitions. All panels share one
 * logarithmic scale.
 */
#ifndef BENCH_SVG_PLOT_H
#define BENCH_SVG_PLOT_H

#include <stdbool.h>
#include <stddef.h>

struct plot_range {
	double low, median, high; /* ms */
};

struct plot_line {
	const char *label;
	bool is_highlighted; /* drawn in another colour */
	struct plot_range p50, p99;
};

struct plot_panel {
	const char *title;
	const struct plot_line *lines;
	size_t count;
};

/* Writes the file; 0 or a negative errno. */
int svg_plot_write(const char *path, const struct plot_panel *panels, size_t count);

#endif
