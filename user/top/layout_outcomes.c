// SPDX-License-Identifier: GPL-2.0-only
/* Pure: outcomes of packets, as rates side by side: losses first, and marked. */
#include <stdio.h>

#include "model/outcome.h"
#include "top/layout.h"

#define CELL_COLUMNS 25

static size_t cells_in_line(const struct frame *frame)
{
	return frame->columns < CELL_COLUMNS ? 1 : frame->columns / CELL_COLUMNS;
}

/* Those that were seen since the first board: losses, then the others. */
static size_t list(const struct board *board, enum lb_outcome list[LB_OUTCOME_COUNT])
{
	size_t count = 0;

	for (int losses = 1; losses >= 0; losses--)
		for (int i = 0; i < LB_OUTCOME_COUNT; i++)
			if (board->outcome_seen[i] && outcome_is_loss(i) == losses)
				list[count++] = i;
	return count;
}

size_t frame_outcome_lines(const struct frame *frame, const struct board *board)
{
	enum lb_outcome outcomes[LB_OUTCOME_COUNT];
	size_t cells = cells_in_line(frame);

	return (list(board, outcomes) + cells - 1) / cells;
}

static void put_cell(struct strip *strip, const struct board *board, enum lb_outcome outcome)
{
	double value = board->outcome_rate[outcome];
	bool is_loss = outcome_is_loss(outcome);
	enum strip_style style = value <= 0 ? STRIP_FAINT : is_loss ? STRIP_BAD : STRIP_PLAIN;
	char rate[RATE_TEXT_BYTES], name[64];

	snprintf(name, sizeof(name), "%c%s", is_loss ? '!' : ' ', outcome_name(outcome));
	strip_left(strip, style, 17, name);
	strip_right(strip, style, 6, rate_format(value, rate));
	strip_add(strip, STRIP_PLAIN, "  ");
}

void frame_outcomes(const struct frame *frame, const struct board *board, size_t lines)
{
	enum lb_outcome outcomes[LB_OUTCOME_COUNT];
	size_t count = list(board, outcomes), cells = cells_in_line(frame);

	for (size_t line = 0; line < lines; line++) {
		struct strip strip;

		strip_begin(&strip, frame->columns);
		for (size_t i = line * cells; i < (line + 1) * cells && i < count; i++)
			put_cell(&strip, board, outcomes[i]);
		frame->put(frame->to, &strip);
	}
}
