// SPDX-License-Identifier: GPL-2.0-only
#include "top/layout_outcomes.h"

#include <stdio.h>

#include "base/human.h"
#include "model/outcome.h"

#define CELL_COLUMNS 25

static size_t cells_in_line(const struct layout *layout)
{
	return layout->columns < CELL_COLUMNS ? 1 : layout->columns / CELL_COLUMNS;
}

/* Outcomes that occurred since the first sample: drops first. Returns their number. */
static size_t list(const struct rows *rows, enum lb_outcome list[LB_OUTCOME_COUNT])
{
	size_t count = 0;

	for (int drops = 1; drops >= 0; drops--)
		for (int i = 0; i < LB_OUTCOME_COUNT; i++)
			if (rows->outcome_seen[i] && outcome_is_drop(i) == drops)
				list[count++] = i;
	return count;
}

size_t layout_outcome_lines(const struct layout *layout, const struct rows *rows)
{
	enum lb_outcome outcomes[LB_OUTCOME_COUNT];
	size_t cells = cells_in_line(layout);

	return (list(rows, outcomes) + cells - 1) / cells;
}

static void put_cell(struct line *line, const struct rows *rows, enum lb_outcome outcome)
{
	double value = rows->outcome_rate[outcome];
	bool is_drop = outcome_is_drop(outcome);
	enum line_style style = value <= 0 ? LINE_DIM : is_drop ? LINE_ERROR : LINE_PLAIN;
	char rate[HUMAN_TEXT_BYTES], name[64];

	snprintf(name, sizeof(name), "%c%s", is_drop ? '!' : ' ', outcome_name(outcome));
	line_add_left(line, style, 17, name);
	line_add_right(line, style, 6, human_format(value, rate));
	line_add(line, LINE_PLAIN, "  ");
}

void layout_draw_outcomes(const struct layout *layout, const struct rows *rows, size_t lines)
{
	enum lb_outcome outcomes[LB_OUTCOME_COUNT];
	size_t count = list(rows, outcomes), cells = cells_in_line(layout);

	for (size_t row = 0; row < lines; row++) {
		struct line line;

		line_begin(&line, layout->columns);
		for (size_t i = row * cells; i < (row + 1) * cells && i < count; i++)
			put_cell(&line, rows, outcomes[i]);
		layout->put(layout->owner, &line);
	}
}
