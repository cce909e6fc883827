// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the table of the feedback benchmark, and writes its plot.
 *
 *	feedback RUNS PLOT.svg
 *
 * RUNS is described in results.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/process.h"
#include "request_log.h"
#include "results.h"
#include "svg_plot.h"

#define CELL 24

static struct result results[RESULTS_MAX];

/* Prints the median, and the range if there are several samples. */
static void print_cell(const struct samples *samples, double scale, const char *unit)
{
	char cell[64];
	int used = snprintf(cell, sizeof(cell), "%.1f%s", samples_median(samples) * scale, unit);

	if (samples->count > 1)
		snprintf(cell + used, sizeof(cell) - used, " (%.1f-%.1f)",
			 samples_min(samples) * scale, samples_max(samples) * scale);
	printf("  %-*s", samples->count > 1 ? CELL : CELL / 2, cell);
}

static void print_head(const struct result *result)
{
	int width = result->measured[MEAN_MS].count > 1 ? CELL : CELL / 2;

	printf("\n%s\n  %-9s  %-*s  %-*s  %-*s  %-*s  %-*s", result->scenario, "policy", width,
	       "mean ms", width, "p50 ms", width, "p99 ms", width, "in 100 ms", width, "failed");
	if (result->event)
		printf("  %-*s  %-*s", width, "first 2 s", width, "after 20 s");
	putchar('\n');
}

static void print_result(const struct result *result)
{
	printf("  %-9s", result->policy);
	print_cell(&result->measured[MEAN_MS], 1, "");
	print_cell(&result->measured[P50_MS], 1, "");
	print_cell(&result->measured[P99_MS], 1, "");
	print_cell(&result->measured[GOOD], 100, "%");
	print_cell(&result->measured[FAILED], 100, "%");
	if (result->event) {
		print_cell(&result->measured[EARLY_GOOD], 100, "%");
		print_cell(&result->measured[LATE_GOOD], 100, "%");
	}
	putchar('\n');
}

static bool begins_scenario(size_t i)
{
	return i == 0 || strcmp(results[i].scenario, results[i - 1].scenario) != 0;
}

static struct plot_range range_of(const struct samples *samples)
{
	return (struct plot_range){.low = samples_min(samples),
				   .median = samples_median(samples),
				   .high = samples_max(samples)};
}

static void plot(size_t count, const char *path)
{
	static struct plot_line lines[RESULTS_MAX];
	static struct plot_panel panels[RESULTS_MAX];
	size_t panel = 0;

	for (size_t i = 0; i < count; i++) {
		lines[i] = (struct plot_line){.label = results[i].policy,
					      .is_highlighted = strchr(results[i].policy, '+'),
					      .p50 = range_of(&results[i].measured[P50_MS]),
					      .p99 = range_of(&results[i].measured[P99_MS])};
		if (begins_scenario(i))
			panels[panel++] = (struct plot_panel){.title = results[i].scenario,
							      .lines = &lines[i]};
		panels[panel - 1].count++;
	}
	if (svg_plot_write(path, panels, panel))
		process_bail("%s: cannot write", path);
}

int main(int argc, char **argv)
{
	size_t count;

	if (argc != 3)
		return 2;
	count = results_read(results, argv[1]);
	if (!count)
		process_bail("%s: no runs", argv[1]);
	printf("Median of %u repetitions (lowest-highest). In %d ms: fraction of all requests.\n",
	       results[0].measured[MEAN_MS].count, REQUEST_LOG_GOOD_MS);
	for (size_t i = 0; i < count; i++) {
		if (begins_scenario(i))
			print_head(&results[i]);
		print_result(&results[i]);
	}
	plot(count, argv[2]);
	printf("\nPlot: %s\n", argv[2]);
	return 0;
}
