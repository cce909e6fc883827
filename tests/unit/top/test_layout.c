// SPDX-License-Identifier: GPL-2.0-only
/* Frames of top: sparks, strips, and what is laid out in terminals of any size. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "rig/tap.h"
#include "top/layout.h"

#define LINES_MAX 64

/* What was drawn. */
static struct {
	struct strip strips[LINES_MAX];
	size_t lines;
} drawn;

static void keep(void *unused, const struct strip *strip)
{
	(void)unused;
	if (drawn.lines < LINES_MAX)
		drawn.strips[drawn.lines] = *strip;
	drawn.lines++;
}

static void test_sparks(void)
{
	struct spark spark = {0};
	char text[SPARK_TEXT_BYTES];

	spark_draw(&spark, 5, 0, true, text);
	is_str(text, "     ", "of nothing there are gaps");
	spark_add(&spark, 0);
	spark_add(&spark, 500);
	spark_add(&spark, -1);
	spark_add(&spark, 1000);
	spark_draw(&spark, 6, spark_longest(&spark, 6), false, text);
	is_str(text, "  .+ @", "the longest is the highest, in ASCII");
	spark_draw(&spark, 6, 1000, true, text);
	is_str(text, "  ▁▅ █", "and in UTF-8");
	spark_draw(&spark, 2, 4000, false, text);
	is_str(text, " -", "the newest are to the right, on a scale that is given");
	for (int i = 0; i < 200000; i++)
		spark_add(&spark, i % 2 ? 100 : 800);
	ok(spark_longest(&spark, SPARK_SAMPLES) == 800, "old samples are forgotten");
	spark_draw(&spark, 4, 800, false, text);
	is_str(text, "@:@:", "however many there were");
	spark_draw(&spark, 1000, 800, true, text);
	is_int(strip_width(text), SPARK_SAMPLES, "there is no room for more than are kept");
}

static void test_strips(void)
{
	struct strip strip;

	strip_begin(&strip, 12);
	strip_left(&strip, STRIP_PLAIN, 4, "ab");
	strip_right(&strip, STRIP_BAD, 4, "c");
	strip_add(&strip, STRIP_PLAIN, "%s", "→→→→→→");
	is_str(strip.text, "ab     c→→→→", "what does not fit is cut off");
	ok(strip.columns == 12 && strip.part_count == 3, "it has columns and parts");
	ok(strip.parts[1].begin == 4 && strip_end(&strip, 1) == 8 &&
		   strip_end(&strip, 2) == strip.bytes,
	   "and it is known where they are");
	strip_begin(&strip, 40);
	strip_tail(&strip, STRIP_PLAIN, 8, "10.100.1.2:80");
	is_str(strip.text, "~.1.2:80", "or in front");
	strip_begin(&strip, 0);
	strip_add(&strip, STRIP_PLAIN, "nothing");
	is_str(strip.text, "", "in no column there is nothing");
	strip_begin(&strip, 100000);
	for (int i = 0; i < 1000; i++)
		strip_add(&strip, i % 7, "→→");
	ok(strip.columns == STRIP_COLUMNS_MAX && strip.part_count == STRIP_PARTS_MAX,
	   "there is an end to all");
}

static struct board_row *put(struct board *board, size_t at, __u32 backend, const char *address,
			     __u64 packets)
{
	struct board_row *row = &board->rows[at];

	row->service = 1;
	row->backend = backend;
	strcpy(row->name, "web");
	address_parse(address, row->address);
	row->port = htons(8080);
	row->protocol = IPPROTO_TCP;
	row->traffic.packets = packets;
	row->traffic.reply_packets = packets;
	row->traffic.bytes = packets * 100;
	row->weight = row->effective_weight = 5;
	return row;
}

static void make(struct board *board, __u64 packets, bool is_timed)
{
	board_reserve(board, 4);
	strcpy(board->instance, "default");
	strcpy(board->where, "eth0 (native)");
	put(board, 0, 0, "192.0.2.10", 3 * packets)->backends = 3;
	board->rows[0].serving = 2;
	put(board, 1, 10, "10.0.0.11", packets);
	put(board, 2, 11, "10.0.0.12", packets)->health = LB_HEALTH_DOWN;
	board->rows[2].effective_weight = 0;
	put(board, 3, 12, "2001:db8::3:14", packets)->state = LB_STATE_DRAIN;
	board->rows[3].effective_weight = 3.2;
	for (size_t i = 1; is_timed && i < 4; i++) {
		board->rows[i].latency.responses.count[lb_response_bucket(1000)] = packets;
		board->rows[i].latency.sum_us = 1000 * packets;
	}
	board->outcomes.count[LB_FORWARDED] = 3 * packets;
	board->outcomes.count[LB_REPLIED] = 3 * packets;
	board->outcomes.count[LB_NO_BACKEND] = packets;
}

/* A second of 100 packets to each backend, in a terminal of this size. */
static void draw(size_t columns, size_t lines, bool is_timed, struct browse *browse)
{
	struct board first, second;
	const struct board_row *shown[4];
	struct browse_lines listed = {.shown = shown};
	struct frame frame = {.columns = columns, .lines = lines, .interval = 1, .put = keep};

	make(&first, 0, false);
	make(&second, 100, is_timed);
	board_follow(&second, &first, 1);
	listed.count = order_rows(&second, &browse->order, shown);
	listed.page = frame_page(&frame, &second);
	browse_settle(browse, &listed);
	drawn.lines = 0;
	frame_draw(&frame, &second, browse, &listed);
	board_release(&first);
	board_release(&second);
}

/* The line that has the text; "" if there is none. */
static const struct strip *line_with(const char *text)
{
	static const struct strip none;

	for (size_t i = 0; i < drawn.lines && i < LINES_MAX; i++)
		if (strstr(drawn.strips[i].text, text))
			return &drawn.strips[i];
	return &none;
}

static void test_usual(void)
{
	struct browse browse = {0};

	draw(80, 24, true, &browse);
	is_int(drawn.lines, 24, "80x24: as many lines as there are");
	is_str(line_with("lbctl top")->text,
	       "lbctl top  instance default, generation 0, every 1 s, by name", "the title");
	is_str(line_with("pkt/s")->text,
	       "in 300 pkt/s 240k bit/s  back 300 pkt/s 0 bit/s  new 0/s  flows 0", "the total");
	is_str(line_with("STATE")->text,
	       "SERVICE          STATE        WEIGHT FLOWS NEW/s PKT/s BIT/s   P50   P99 LATENCY",
	       "the head");
	is_str(line_with(".11:")->text,
	       "  10.0.0.11:8080 ready -           5     0     0   200 80.0k 1.0ms 1.0ms       @",
	       "a backend");
	ok(line_with(".12:")->parts[0].style == STRIP_BAD && strstr(line_with(".12:")->text, "5>0"),
	   "one that is down is marked, and its weight is none");
	ok(line_with("3:14")->parts[0].style == STRIP_WARNING &&
		   strstr(line_with("3:14")->text, "drain -       5>3.2"),
	   "one that is drained, too");
	ok(line_with("- web")->is_chosen && strstr(line_with("- web")->text, "2/3"),
	   "the cursor is on the service, of whose backends two serve");
	is_str(line_with("no_backend")->text,
	       "!no_backend         100   forwarded          300   replied            300  ",
	       "outcomes, losses first");
	ok(line_with("no_backend")->parts[0].style == STRIP_BAD, "and marked");
	ok(strstr(drawn.strips[23].text, "q quit"), "the last line is of keys");
	draw(80, 24, false, &browse);
	is_str(line_with("STATE")->text,
	       "SERVICE / BACKEND         STATE        WEIGHT FLOWS NEW/s PKT/s BIT/s           ",
	       "where nothing is timed there are no times");
}

static void test_choices(void)
{
	struct browse browse = {.order.key = ORDER_MEAN};

	draw(80, 24, true, &browse);
	ok(strstr(line_with("STATE")->text, "MEAN"), "what is ordered by is shown");
	draw(120, 24, true, &browse);
	ok(strstr(line_with("STATE")->text, "MEAN   P50   P99"), "in more columns, more");
	ok(strstr(line_with("- web")->text, "web 192.0.2.10:8080/tcp"), "and whole names");
	browse.is_paused = true;
	draw(80, 24, true, &browse);
	ok(strstr(line_with("lbctl top")->text, "by mean, PAUSED"), "a pause is told");
	browse.is_helping = true;
	draw(80, 24, true, &browse);
	ok(drawn.lines == 24 && strstr(line_with("quit")->text, "q         quit"), "help");
	for (size_t i = 0; i < 24; i++)
		ok(drawn.strips[i].columns < 80, "no line of it is cut off");
	browse = (struct browse){0};
	strcpy(browse.message, "no such key");
	draw(80, 24, true, &browse);
	is_str(drawn.strips[23].text, "no such key", "a message stands where the keys do");
	browse = (struct browse){.service = 1, .backend = 12};
	draw(80, 6, true, &browse);
	ok(strstr(line_with("lbctl top")->text, "by name, 2-4 of 4"), "where one has scrolled to");
	draw(80, 0, true, &browse);
	ok(drawn.lines == 4 + 4 + 2 && !line_with("- web")->is_chosen,
	   "plain text is as long as it needs, and has no cursor");
}

static void test_spilled(void)
{
	struct board none = {0}, board;
	const struct board_row *shown[4];
	struct browse browse = {0};
	struct browse_lines lines = {.shown = shown};
	struct frame frame = {.columns = 80, .put = keep};

	make(&board, 100, false);
	board.rows[3] = (struct board_row){.service = 1,
					   .backend = BOARD_SPILLED,
					   .name = "web",
					   .spill = "sorry",
					   .flows = 9};
	board_follow(&board, &none, 0);
	lines.count = order_rows(&board, &browse.order, shown);
	is_int(shown[3]->backend, BOARD_SPILLED, "what is spilled comes last by name");
	drawn.lines = 0;
	frame_draw(&frame, &board, &browse, &lines);
	is_str(line_with("to sorry")->text,
	       "  to sorry                spilled                 9     -     -     -           ",
	       "and has neither state nor weight");
	board_release(&board);
}

/* Whatever the size, a frame has all its lines and none is too wide. */
static void test_sizes(void)
{
	bool fits = true, has_service = true;

	for (size_t columns = 1; columns <= 200; columns += 1 + columns / 40)
		for (size_t lines = 1; lines <= 60; lines += 1 + lines / 14) {
			struct browse browse = {.service = 1, .backend = 12};

			draw(columns, lines, columns & 1, &browse);
			fits &= drawn.lines == lines;
			for (size_t i = 0; i < drawn.lines; i++)
				fits &= drawn.strips[i].columns <= columns;
			browse = (struct browse){0};
			draw(columns, lines, columns & 1, &browse);
			if (columns >= 20 && lines >= 2)
				has_service &= line_with("- web")->bytes > 0 &&
					       line_with("- web")->is_chosen;
		}
	ok(fits, "no frame is larger or smaller than its terminal");
	ok(has_service, "and the service is in all that have a line for it");
}

static void test_nothing(void)
{
	struct board none = {0}, board;
	struct browse browse = {0};
	struct browse_lines lines = {0};
	struct frame frame = {.columns = 80, .lines = 24, .put = keep};

	board_reserve(&board, 0);
	board_follow(&board, &none, 0);
	drawn.lines = 0;
	frame_draw(&frame, &board, &browse, &lines);
	ok(drawn.lines == 24 && line_with("no services (lbctl service add")->bytes > 0,
	   "without services it says how to begin");
	ok(line_with("attached to nothing")->bytes > 0, "and that nothing is attached");
	ok(line_with("rates from the next sample on")->bytes > 0, "rates come with the second");
	board_release(&board);
}

int main(void)
{
	test_sparks();
	test_strips();
	test_usual();
	test_choices();
	test_spilled();
	test_sizes();
	test_nothing();
	return tap_done();
}
