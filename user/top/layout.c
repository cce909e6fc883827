// SPDX-License-Identifier: GPL-2.0-only
#include "top/layout.h"

#include <string.h>

#include "base/human.h"
#include "top/layout_outcomes.h"
#include "top/layout_table.h"

/* Lines of each part of the screen. */
struct sections {
	size_t attached;
	size_t total;
	size_t header;
	size_t table;
	size_t outcome_header;
	size_t outcomes;
	size_t footer;
};

/* The table gets at least half of the lines. */
static struct sections plan_sections(const struct layout *layout, const struct rows *rows)
{
	size_t lines = layout->lines, outcomes = layout_outcome_lines(layout, rows);
	struct sections sections = {.attached = 1, .total = 1, .header = 1, .outcomes = outcomes};

	sections.outcome_header = outcomes > 0;
	if (!lines)
		return sections;
	sections.attached = lines >= 12;
	sections.total = lines >= 9;
	sections.header = lines >= 3;
	sections.footer = lines >= 5;
	sections.outcome_header = outcomes && lines >= 16;
	if (lines < 10)
		sections.outcomes = 0;
	else if (sections.outcomes > lines / 6)
		sections.outcomes = lines / 6;
	sections.table = lines - 1 - sections.attached - sections.total - sections.header -
			 sections.outcome_header - sections.outcomes - sections.footer;
	return sections;
}

size_t layout_page(const struct layout *layout, const struct rows *rows)
{
	return plan_sections(layout, rows).table;
}

/* The visible lines of the table, unless all are. */
static void add_line_range(struct line *line, const struct ui *ui, const struct ui_lines *lines,
			   size_t row_count)
{
	if (row_count && row_count < lines->count)
		line_add(line, LINE_PLAIN, ", %zu-%zu of %zu", ui->first + 1, ui->first + row_count,
			 lines->count);
}

static void put_title(const struct layout *layout, const struct rows *rows, const struct ui *ui,
		      const struct ui_lines *lines, size_t row_count)
{
	const struct sort *sort = &ui->sort;
	struct line line;

	line_begin(&line, layout->columns);
	line_add(&line, LINE_TITLE, "lbctl top");
	line_add(&line, LINE_PLAIN, "  instance %s, generation %llu, every %g s, by %s%s",
		 rows->instance, rows->generation, layout->interval, sort_names[sort->key],
		 sort->is_reversed ? ", reversed" : "");
	if (sort->only)
		line_add(&line, LINE_PLAIN, ", one service");
	add_line_range(&line, ui, lines, row_count);
	if (ui->is_paused)
		line_add(&line, LINE_WARNING, ", PAUSED");
	layout->put(layout->owner, &line);
}

static void put_attached(const struct layout *layout, const struct rows *rows)
{
	struct line line;

	line_begin(&line, layout->columns);
	if (rows->controller)
		line_add(&line, LINE_PLAIN, "controller %u, ", rows->controller);
	else
		line_add(&line, LINE_PLAIN, "no controller, ");
	line_add(&line, rows->attached[0] ? LINE_PLAIN : LINE_ERROR, "attached to %s",
		 rows->attached[0] ? rows->attached : "nothing");
	layout->put(layout->owner, &line);
}

/* Total rates of both directions. */
static void put_total(const struct layout *layout, const struct rows *rows)
{
	const struct traffic_rate *total = &rows->total;
	char packets[HUMAN_TEXT_BYTES], bits[HUMAN_TEXT_BYTES], reply_packets[HUMAN_TEXT_BYTES];
	char reply_bits[HUMAN_TEXT_BYTES], new_flows[HUMAN_TEXT_BYTES], flows[HUMAN_TEXT_BYTES];
	struct line line;

	line_begin(&line, layout->columns);
	human_format(rows->flows, flows);
	if (rows->seconds > 0)
		line_add(&line, LINE_PLAIN,
			 "in %s pkt/s %s bit/s  back %s pkt/s %s bit/s  new %s/s  flows %s",
			 human_format(total->packets, packets),
			 human_format(8 * total->bytes, bits),
			 human_format(total->reply_packets, reply_packets),
			 human_format(8 * total->reply_bytes, reply_bits),
			 human_format(total->new_flows, new_flows), flows);
	else
		line_add(&line, LINE_PLAIN, "flows %s  rates from the next sample", flows);
	layout->put(layout->owner, &line);
}

static void put_text(const struct layout *layout, enum line_style style, const char *text)
{
	struct line line;

	line_begin(&line, layout->columns);
	line_add(&line, style, "%s", text);
	layout->put(layout->owner, &line);
}

static void put_table(const struct layout *layout, const struct rows *rows, const struct ui *ui,
		      const struct ui_lines *lines, const struct sections *sections)
{
	size_t row_count = layout->lines ? sections->table : lines->count;
	struct layout_table table;
	struct line line;

	layout_table_plan(&table, layout, rows, ui, lines);
	if (sections->header) {
		line_begin(&line, layout->columns);
		layout_table_header(&table, &line);
		layout->put(layout->owner, &line);
	}
	for (size_t i = 0; i < row_count; i++) {
		size_t index = ui->first + i;

		line_begin(&line, layout->columns);
		if (index < lines->count)
			layout_table_row(&table, lines->shown[index], &line);
		else if (!rows->count && !i)
			line_add(&line, LINE_PLAIN,
				 "no services (lbctl service add NAME VIP:PORT/PROTO)");
		line.is_selected = layout->lines && index < lines->count && index == ui->index;
		layout->put(layout->owner, &line);
	}
}

static void put_footer(const struct layout *layout, const struct ui *ui)
{
	if (ui->message[0])
		put_text(layout, LINE_WARNING, ui->message);
	else
		put_text(layout, LINE_DIM,
			 "q quit  ? help  nwfcpbm59 sort  r reverse  enter fold  o only  space "
			 "pause");
}

static void put_help(const struct layout *layout)
{
	static const char *const help[] = {
		"lbctl top: keys",
		"",
		"n name    w weight   f flows   c new flows   p packets   b bits",
		"m mean    5 p50      9 p99     sort key; r reverses the order",
		"up down page-up page-down home end (j k)   move",
		"enter     fold or unfold a service; left folds, right unfolds",
		"a         fold or unfold all services",
		"o         show only this service, or all again (also escape)",
		"space     pause or resume",
		"q         quit",
		"",
		"STATE     administrative state and health; usable and all backends",
		"WEIGHT    configured, and effective if it differs",
		"FLOWS     active flows; NEW/s: new flows",
		"PKT/s, BIT/s   both directions; above separately: in, back",
		"MEAN P50 P99   response times of sampled requests in the interval",
		"LATENCY   the last medians, newest to the right; one scale per service",
		"OUTCOMES  outcomes of packets (see lbctl status); ! marks drops",
		"",
		"any key closes this help",
	};
	const size_t count = sizeof(help) / sizeof(help[0]);

	for (size_t i = 0; i < layout->lines; i++)
		put_text(layout, i ? LINE_PLAIN : LINE_TITLE, i < count ? help[i] : "");
}

void layout_draw(const struct layout *layout, const struct rows *rows, const struct ui *ui,
		 const struct ui_lines *lines)
{
	struct sections sections = plan_sections(layout, rows);

	if (ui->is_help_shown)
		return put_help(layout);
	put_title(layout, rows, ui, lines, sections.table);
	if (sections.attached)
		put_attached(layout, rows);
	if (sections.total)
		put_total(layout, rows);
	put_table(layout, rows, ui, lines, &sections);
	if (sections.outcome_header)
		put_text(layout, LINE_HEADER, "OUTCOMES, packets/s");
	layout_draw_outcomes(layout, rows, sections.outcomes);
	if (sections.footer)
		put_footer(layout, ui);
}
