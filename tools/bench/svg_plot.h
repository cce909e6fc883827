/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A chart of times as an SVG: panels side by side, in each a line for whoever is compared,
 * from its median to its 99th percentile, both with the range of their repetitions. The
 * scale is logarithmic, and all panels have the same.
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
	bool is_highlighted; /* in another colour */
	struct plot_range p50, p99;
};

struct plot_panel {
	const char *title;
	const struct plot_line *lines;
	size_t count;
};

/* 0 or -errno */
int svg_plot_write(const char *path, const struct plot_panel *panels, size_t count);

#endif
