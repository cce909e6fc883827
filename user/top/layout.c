// SPDX-License-Identifier: GPL-2.0-only
#include "top/layout.h"

#include <string.h>

/* How many lines each part of the frame has. */
struct layout {
	size_t where;
	size_t total;
	size_t head;
	size_t table;
	size_t outcome_head;
	size_t outcomes;
	size_t foot;
};

/* The table is what it is about: it has at least half of the lines. */
static struct layout lay_out(const struct frame *frame, const struct board *board)
{
	size_t lines = frame->lines, outcomes = frame_outcome_lines(frame, board);
	struct layout layout = {.where = 1, .total = 1, .head = 1, .outcomes = outcomes};

	layout.outcome_head = outcomes > 0;
	if (!lines)
		return layout;
	layout.where = lines >= 12;
	layout.total = lines >= 9;
	layout.head = lines >= 3;
	layout.foot = lines >= 5;
	layout.outcome_head = outcomes && lines >= 16;
	if (lines < 10)
		layout.outcomes = 0;
	else if (layout.outcomes > lines / 6)
		layout.outcomes = lines / 6;
	layout.table = lines - 1 - layout.where - layout.total - layout.head - layout.outcome_head -
		       layout.outcomes - layout.foot;
	return layout;
}

size_t frame_page(const struct frame *frame, const struct board *board)
{
	return lay_out(frame, board).table;
}

/* Which lines of the table these are, where there are more. */
static void add_place(struct strip *strip, const struct browse *browse,
		      const struct browse_lines *lines, size_t rows)
{
	if (rows && rows < lines->count)
		strip_add(strip, STRIP_PLAIN, ", %zu-%zu of %zu", browse->first + 1,
			  browse->first + rows, lines->count);
}

static void put_title(const struct frame *frame, const struct board *board,
		      const struct browse *browse, const struct browse_lines *lines, size_t rows)
{
	const struct order *order = &browse->order;
	struct strip strip;

	strip_begin(&strip, frame->columns);
	strip_add(&strip, STRIP_TITLE, "lbctl top");
	strip_add(&strip, STRIP_PLAIN, "  instance %s, generation %llu, every %g s, by %s%s",
		  board->instance, board->generation, frame->interval, order_names[order->key],
		  order->is_reversed ? ", reversed" : "");
	if (order->only)
		strip_add(&strip, STRIP_PLAIN, ", one service");
	add_place(&strip, browse, lines, rows);
	if (browse->is_paused)
		strip_add(&strip, STRIP_WARNING, ", PAUSED");
	frame->put(frame->to, &strip);
}

static void put_where(const struct frame *frame, const struct board *board)
{
	struct strip strip;

	strip_begin(&strip, frame->columns);
	if (board->controller)
		strip_add(&strip, STRIP_PLAIN, "controller %u, ", board->controller);
	else
		strip_add(&strip, STRIP_PLAIN, "no controller, ");
	strip_add(&strip, board->where[0] ? STRIP_PLAIN : STRIP_BAD, "attached to %s",
		  board->where[0] ? board->where : "nothing");
	frame->put(frame->to, &strip);
}

/* Both directions of everything. */
static void put_total(const struct frame *frame, const struct board *board)
{
	const struct rate *total = &board->total;
	char packets[RATE_TEXT_BYTES], bits[RATE_TEXT_BYTES], reply_packets[RATE_TEXT_BYTES];
	char reply_bits[RATE_TEXT_BYTES], new_flows[RATE_TEXT_BYTES], flows[RATE_TEXT_BYTES];
	struct strip strip;

	strip_begin(&strip, frame->columns);
	rate_format(board->flows, flows);
	if (board->seconds > 0)
		strip_add(&strip, STRIP_PLAIN,
			  "in %s pkt/s %s bit/s  back %s pkt/s %s bit/s  new %s/s  flows %s",
			  rate_format(total->packets, packets), rate_format(8 * total->bytes, bits),
			  rate_format(total->reply_packets, reply_packets),
			  rate_format(8 * total->reply_bytes, reply_bits),
			  rate_format(total->new_flows, new_flows), flows);
	else
		strip_add(&strip, STRIP_PLAIN, "flows %s  rates from the next sample on", flows);
	frame->put(frame->to, &strip);
}

static void put_text(const struct frame *frame, enum strip_style style, const char *text)
{
	struct strip strip;

	strip_begin(&strip, frame->columns);
	strip_add(&strip, style, "%s", text);
	frame->put(frame->to, &strip);
}

static void put_table(const struct frame *frame, const struct board *board,
		      const struct browse *browse, const struct browse_lines *lines,
		      const struct layout *layout)
{
	size_t rows = frame->lines ? layout->table : lines->count;
	struct frame_table table;
	struct strip strip;

	frame_table_plan(&table, frame, board, browse, lines);
	if (layout->head) {
		strip_begin(&strip, frame->columns);
		frame_table_head(&table, &strip);
		frame->put(frame->to, &strip);
	}
	for (size_t i = 0; i < rows; i++) {
		size_t line = browse->first + i;

		strip_begin(&strip, frame->columns);
		if (line < lines->count)
			frame_table_row(&table, lines->shown[line], &strip);
		else if (!board->count && !i)
			strip_add(&strip, STRIP_PLAIN,
				  "no services (lbctl service add NAME VIP:PORT/PROTO)");
		strip.is_chosen = frame->lines && line < lines->count && line == browse->line;
		frame->put(frame->to, &strip);
	}
}

static void put_foot(const struct frame *frame, const struct browse *browse)
{
	if (browse->message[0])
		put_text(frame, STRIP_WARNING, browse->message);
	else
		put_text(frame, STRIP_FAINT,
			 "q quit  ? help  nwfcpbm59 order  r reverse  enter fold  o only  space "
			 "pause");
}

static void put_help(const struct frame *frame)
{
	static const char *const help[] = {
		"lbctl top: keys",
		"",
		"n name    w weight   f flows   c new flows   p packets   b bits",
		"m mean    5 p50      9 p99     order by it; r the other way around",
		"up down page-up page-down home end (j k)   move",
		"enter     fold or unfold a service; left and right: the one or the other",
		"a         fold all, or unfold all",
		"o         only this service; all again (also escape)",
		"space     pause, go on",
		"q         quit",
		"",
		"STATE     what the operator said, what checks say; who serves, of how many",
		"WEIGHT    as configured, and effective where that is another",
		"FLOWS     now; NEW/s are those that began",
		"PKT/s, BIT/s   to backends and back together; above, apart: in, back",
		"MEAN P50 P99   of answers within the interval, as packets timed them",
		"LATENCY   the last medians, the newest to the right; one scale a service",
		"OUTCOMES  what became of packets, as lbctl status tells; ! is dropped",
		"",
		"any key goes back",
	};
	const size_t count = sizeof(help) / sizeof(help[0]);

	for (size_t i = 0; i < frame->lines; i++)
		put_text(frame, i ? STRIP_PLAIN : STRIP_TITLE, i < count ? help[i] : "");
}

void frame_draw(const struct frame *frame, const struct board *board, const struct browse *browse,
		const struct browse_lines *lines)
{
	struct layout layout = lay_out(frame, board);

	if (browse->is_helping)
		return put_help(frame);
	put_title(frame, board, browse, lines, layout.table);
	if (layout.where)
		put_where(frame, board);
	if (layout.total)
		put_total(frame, board);
	put_table(frame, board, browse, lines, &layout);
	if (layout.outcome_head)
		put_text(frame, STRIP_HEAD, "OUTCOMES, packets/s");
	frame_outcomes(frame, board, layout.outcomes);
	if (layout.foot)
		put_foot(frame, browse);
}
