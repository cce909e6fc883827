// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "svg_plot.h"

/* In points. */
#define COLUMNS	    2
#define WIDTH	    480 /* of a panel with its margins */
#define LEFT	    90 /* margin for labels */
#define RIGHT	    36
#define TOP	    30 /* margin for the title */
#define BOTTOM	    30 /* margin for the scale */
#define LINE_HEIGHT 18
#define LEGEND	    24

#define MIN_MS 1.0
#define MAX_MS 10000.0

static double height_of(const struct plot_panel *panel)
{
	return TOP + BOTTOM + panel->count * LINE_HEIGHT;
}

/* The position of a time on the scale, clamped to its ends. */
static double scale_x(double ms)
{
	double within = fmin(fmax(ms, MIN_MS), MAX_MS);

	return LEFT + (WIDTH - LEFT - RIGHT) * log(within / MIN_MS) / log(MAX_MS / MIN_MS);
}

static void draw_scale(FILE *file, const struct plot_panel *panel)
{
	double bottom = height_of(panel) - BOTTOM;

	fprintf(file, "<text x='%d' y='18' font-weight='bold'>%s</text>\n", LEFT, panel->title);
	for (double ms = MIN_MS; ms <= MAX_MS; ms *= 10)
		fprintf(file,
			"<path d='M%.1f %d V%.1f' stroke='#ddd'/>"
			"<text x='%.1f' y='%.1f' text-anchor='middle' fill='#666'>%g ms</text>\n",
			scale_x(ms), TOP, bottom, scale_x(ms), bottom + 15, ms);
}

static void draw_range(FILE *file, const struct plot_range *range, double y, const char *colour,
		       const char *fill)
{
	fprintf(file,
		"<path d='M%.1f %.1f H%.1f' stroke='%s' stroke-width='5' opacity='.35'/>"
		"<circle cx='%.1f' cy='%.1f' r='4' stroke='%s' fill='%s'/>\n",
		scale_x(range->low), y, scale_x(range->high), colour, scale_x(range->median), y,
		colour, fill);
}

static void draw_line(FILE *file, const struct plot_line *line, double y)
{
	const char *colour = line->is_highlighted ? "#0b62c4" : "#777";

	fprintf(file,
		"<text x='%d' y='%.1f' text-anchor='end' fill='%s'>%s</text>"
		"<path d='M%.1f %.1f H%.1f' stroke='%s'/>\n",
		LEFT - 10, y + 4, line->is_highlighted ? colour : "#222", line->label,
		scale_x(line->p50.median), y, scale_x(line->p99.median), colour);
	draw_range(file, &line->p50, y, colour, "#fff");
	draw_range(file, &line->p99, y, colour, colour);
}

static void draw_panel(FILE *file, const struct plot_panel *panel, double x, double y)
{
	fprintf(file, "<g transform='translate(%.1f %.1f)'>\n", x, y);
	draw_scale(file, panel);
	for (size_t i = 0; i < panel->count; i++)
		draw_line(file, &panel->lines[i], TOP + (i + .5) * LINE_HEIGHT);
	fputs("</g>\n", file);
}

/* The height of panels `begin` to `end` - 1 in one column. */
static double column_height(const struct plot_panel *panels, size_t begin, size_t end)
{
	double height = 0;

	for (size_t i = begin; i < end; i++)
		height += height_of(&panels[i]);
	return height;
}

/* The first panel of a column; panels fill one column after the other. */
static size_t column_begin(size_t column, size_t count)
{
	size_t each = (count + COLUMNS - 1) / COLUMNS;

	return column * each < count ? column * each : count;
}

static void draw(FILE *file, const struct plot_panel *panels, size_t count)
{
	double height = 0;

	for (size_t column = 0; column < COLUMNS; column++)
		height = fmax(height, column_height(panels, column_begin(column, count),
						    column_begin(column + 1, count)));
	fprintf(file,
		"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %.0f' "
		"font-family='sans-serif' font-size='12'>\n"
		"<rect width='100%%' height='100%%' fill='#fff'/>\n"
		"<text x='%d' y='17'>hollow: median, filled: 99th percentile, "
		"wide: range of the repetitions; blue: with feedback</text>\n",
		COLUMNS * WIDTH, height + LEGEND, RIGHT);
	for (size_t column = 0; column < COLUMNS; column++) {
		double y = LEGEND;

		for (size_t i = column_begin(column, count); i < column_begin(column + 1, count);
		     i++) {
			draw_panel(file, &panels[i], column * WIDTH, y);
			y += height_of(&panels[i]);
		}
	}
	fputs("</svg>\n", file);
}

int svg_plot_write(const char *path, const struct plot_panel *panels, size_t count)
{
	FILE *file = fopen(path, "we");
	int failed;

	if (!file)
		return -errno;
	draw(file, panels, count);
	failed = ferror(file);
	if (fclose(file))
		return -errno;
	return failed ? -EIO : 0;
}
