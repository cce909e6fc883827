// SPDX-License-Identifier: GPL-2.0-only
/*
 * The feedback benchmark's table and plot, from what its runs have left.
 *
 *	feedback RUNS PLOT.svg
 *
 * RUNS is as results.h has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request_log.h"
#include "results.h"
#include "rig/process.h"
#include "svg_plot.h"

#define CELL 24

static struct row rows[ROWS_MAX];

/* The median, and from where to where if there were several. */
static void print_cell(const struct samples *samples, double scale, const char *unit)
{
	char cell[64];
	int used = snprintf(cell, sizeof(cell), "%.1f%s", samples_median(samples) * scale, unit);

	if (samples->count > 1)
		snprintf(cell + used, sizeof(cell) - used, " (%.1f-%.1f)",
			 samples_min(samples) * scale, samples_max(samples) * scale);
	printf("  %-*s", samples->count > 1 ? CELL : CELL / 2, cell);
}

static void print_head(const struct row *row)
{
	int width = row->measured[MEAN_MS].count > 1 ? CELL : CELL / 2;

	printf("\n%s\n  %-9s  %-*s  %-*s  %-*s  %-*s  %-*s", row->scenario, "policy", width,
	       "mean ms", width, "p50 ms", width, "p99 ms", width, "in 100 ms", width, "failed");
	if (row->event)
		printf("  %-*s  %-*s", width, "first 2 s", width, "after 20 s");
	putchar('\n');
}

static void print_row(const struct row *row)
{
	printf("  %-9s", row->policy);
	print_cell(&row->measured[MEAN_MS], 1, "");
	print_cell(&row->measured[P50_MS], 1, "");
	print_cell(&row->measured[P99_MS], 1, "");
	print_cell(&row->measured[GOOD], 100, "%");
	print_cell(&row->measured[FAILED], 100, "%");
	if (row->event) {
		print_cell(&row->measured[EARLY_GOOD], 100, "%");
		print_cell(&row->measured[LATE_GOOD], 100, "%");
	}
	putchar('\n');
}

static bool begins_scenario(size_t i)
{
	return i == 0 || strcmp(rows[i].scenario, rows[i - 1].scenario) != 0;
}

static struct chart_span span_of(const struct samples *samples)
{
	return (struct chart_span){.low = samples_min(samples),
				   .middle = samples_median(samples),
				   .high = samples_max(samples)};
}

static void plot(size_t count, const char *path)
{
	static struct chart_line lines[ROWS_MAX];
	static struct chart_panel panels[ROWS_MAX];
	size_t panel = 0;

	for (size_t i = 0; i < count; i++) {
		lines[i] = (struct chart_line){.label = rows[i].policy,
					       .marked = strchr(rows[i].policy, '+'),
					       .p50 = span_of(&rows[i].measured[P50_MS]),
					       .p99 = span_of(&rows[i].measured[P99_MS])};
		if (begins_scenario(i))
			panels[panel++] =
				(struct chart_panel){.title = rows[i].scenario, .lines = &lines[i]};
		panels[panel - 1].count++;
	}
	if (chart_write(path, panels, panel))
		process_bail("%s: cannot be written", path);
}

int main(int argc, char **argv)
{
	size_t count;

	if (argc != 3)
		return 2;
	count = rows_read(rows, argv[1]);
	if (!count)
		process_bail("%s: tells of no run", argv[1]);
	printf("Medians of %u repetitions, and from where to where. In %d ms: part of all "
	       "requests.\n",
	       rows[0].measured[MEAN_MS].count, ANSWERS_GOOD_MS);
	for (size_t i = 0; i < count; i++) {
		if (begins_scenario(i))
			print_head(&rows[i]);
		print_row(&rows[i]);
	}
	plot(count, argv[2]);
	printf("\nPlot: %s\n", argv[2]);
	return 0;
}
