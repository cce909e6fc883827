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

struct chart_span {
	double low, middle, high; /* ms */
};

struct chart_line {
	const char *label;
	bool marked; /* in another colour */
	struct chart_span p50, p99;
};

struct chart_panel {
	const char *title;
	const struct chart_line *lines;
	size_t count;
};

/* 0 or -errno */
int chart_write(const char *path, const struct chart_panel *panels, size_t count);

#endif
