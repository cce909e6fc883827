// SPDX-License-Identifier: GPL-2.0-only
/* Pure: outcomes of packets, as rates side by side: losses first, and marked. */
#include <stdio.h>

#include "base/human.h"
#include "model/outcome.h"
#include "top/layout.h"

#define CELL_COLUMNS 25

static size_t cells_in_line(const struct layout *layout)
{
	return layout->columns < CELL_COLUMNS ? 1 : layout->columns / CELL_COLUMNS;
}

/* Those that were seen since the first board: losses, then the others. */
static size_t list(const struct rows *rows, enum lb_outcome list[LB_OUTCOME_COUNT])
{
	size_t count = 0;

	for (int losses = 1; losses >= 0; losses--)
		for (int i = 0; i < LB_OUTCOME_COUNT; i++)
			if (rows->outcome_seen[i] && outcome_is_drop(i) == losses)
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
	bool is_loss = outcome_is_drop(outcome);
	enum line_style style = value <= 0 ? LINE_DIM : is_loss ? LINE_ERROR : LINE_PLAIN;
	char rate[HUMAN_TEXT_BYTES], name[64];

	snprintf(name, sizeof(name), "%c%s", is_loss ? '!' : ' ', outcome_name(outcome));
	line_add_left(line, style, 17, name);
	line_add_right(line, style, 6, human_format(value, rate));
	queue_push(line, LINE_PLAIN, "  ");
}

void layout_draw_outcomes(const struct layout *layout, const struct rows *rows, size_t lines)
{
	enum lb_outcome outcomes[LB_OUTCOME_COUNT];
	size_t count = list(rows, outcomes), cells = cells_in_line(layout);

	for (size_t row = 0; row < lines; row++) {
		struct line line;

		queue_init(&line, layout->columns);
		for (size_t i = row * cells; i < (row + 1) * cells && i < count; i++)
			put_cell(&line, rows, outcomes[i]);
		layout->put(layout->to, &line);
	}
}
