// SPDX-License-Identifier: GPL-2.0-only
/* Screens of top: sparklines, lines, and layouts of any size. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "core/tap.h"
#include "top/layout.h"

#define LINES_MAX 64

/* The lines that were drawn. */
static struct {
	struct line line[LINES_MAX];
	size_t lines;
} drawn;

static void keep_line(void *unused, const struct line *line)
{
	(void)unused;
	if (drawn.lines < LINES_MAX)
		drawn.line[drawn.lines] = *line;
	drawn.lines++;
}

static void test_sparklines(void)
{
	struct sparkline sparkline = {0};
	char text[SPARKLINE_TEXT_BYTES];

	sparkline_format(&sparkline, 5, 0, true, text);
	is_str(text, "     ", "no sample is a gap");
	sparkline_add(&sparkline, 0);
	sparkline_add(&sparkline, 500);
	sparkline_add(&sparkline, -1);
	sparkline_add(&sparkline, 1000);
	sparkline_format(&sparkline, 6, sparkline_max(&sparkline, 6), false, text);
	is_str(text, "  .+ @", "the maximum is the highest, in ASCII");
	sparkline_format(&sparkline, 6, 1000, true, text);
	is_str(text, "  ▁▅ █", "and in UTF-8");
	sparkline_format(&sparkline, 2, 4000, false, text);
	is_str(text, " -", "the newest are to the right, on the given scale");
	for (int i = 0; i < 200000; i++)
		sparkline_add(&sparkline, i % 2 ? 100 : 800);
	ok(sparkline_max(&sparkline, SPARKLINE_SAMPLES) == 800, "old samples are dropped");
	sparkline_format(&sparkline, 4, 800, false, text);
	is_str(text, "@:@:", "after any number of samples");
	sparkline_format(&sparkline, 1000, 800, true, text);
	is_int(line_text_width(text), SPARKLINE_SAMPLES, "the width is limited to the samples");
}

static void test_lines(void)
{
	struct line line;

	line_begin(&line, 12);
	line_add_left(&line, LINE_PLAIN, 4, "ab");
	line_add_right(&line, LINE_ERROR, 4, "c");
	line_add(&line, LINE_PLAIN, "%s", "→→→→→→");
	is_str(line.text, "ab     c→→→→", "text that does not fit is cut off");
	ok(line.columns == 12 && line.part_count == 3, "columns and parts are counted");
	ok(line.parts[1].begin == 4 && line_part_end(&line, 1) == 8 &&
		   line_part_end(&line, 2) == line.bytes,
	   "and parts have positions");
	line_begin(&line, 40);
	line_add_tail(&line, LINE_PLAIN, 8, "10.100.1.2:80");
	is_str(line.text, "~.1.2:80", "or cut off at the beginning");
	line_begin(&line, 0);
	line_add(&line, LINE_PLAIN, "nothing");
	is_str(line.text, "", "a line without columns is empty");
	line_begin(&line, 100000);
	for (int i = 0; i < 1000; i++)
		line_add(&line, i % 7, "→→");
	ok(line.columns == LINE_COLUMNS_MAX && line.part_count == LINE_PARTS_MAX,
	   "columns and parts are limited");
}

static struct rows_entry *put(struct rows *rows, size_t at, __u32 backend, const char *address,
			      __u64 packets)
{
	struct rows_entry *row = &rows->entries[at];

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

static void make_rows(struct rows *rows, __u64 packets, bool has_latency)
{
	rows_reserve(rows, 4);
	strcpy(rows->instance, "default");
	strcpy(rows->attached, "eth0 (native)");
	put(rows, 0, 0, "192.0.2.10", 3 * packets)->backends = 3;
	rows->entries[0].serving = 2;
	put(rows, 1, 10, "10.0.0.11", packets);
	put(rows, 2, 11, "10.0.0.12", packets)->health = LB_HEALTH_DOWN;
	rows->entries[2].effective_weight = 0;
	put(rows, 3, 12, "2001:db8::3:14", packets)->state = LB_STATE_DRAIN;
	rows->entries[3].effective_weight = 3.2;
	for (size_t i = 1; has_latency && i < 4; i++) {
		rows->entries[i].latency.responses.count[lb_response_bucket(1000)] = packets;
		rows->entries[i].latency.sum_us = 1000 * packets;
	}
	rows->outcomes.count[LB_FORWARDED] = 3 * packets;
	rows->outcomes.count[LB_REPLIED] = 3 * packets;
	rows->outcomes.count[LB_NO_BACKEND] = packets;
}

/* Draws a second of 100 packets to each backend, on a screen of this size. */
static void draw(size_t columns, size_t lines, bool has_latency, struct ui *ui)
{
	struct rows first, second;
	const struct rows_entry *shown[4];
	struct ui_lines listed = {.shown = shown};
	struct layout layout = {
		.columns = columns, .lines = lines, .interval = 1, .put = keep_line};

	make_rows(&first, 0, false);
	make_rows(&second, 100, has_latency);
	rows_update(&second, &first, 1);
	listed.count = sort_rows(&second, &ui->sort, shown);
	listed.page = layout_page(&layout, &second);
	ui_place_cursor(ui, &listed);
	drawn.lines = 0;
	layout_draw(&layout, &second, ui, &listed);
	rows_release(&first);
	rows_release(&second);
}

/* The line with the text; an empty line if there is none. */
static const struct line *line_with(const char *text)
{
	static const struct line none;

	for (size_t i = 0; i < drawn.lines && i < LINES_MAX; i++)
		if (strstr(drawn.line[i].text, text))
			return &drawn.line[i];
	return &none;
}

static void test_usual(void)
{
	struct ui ui = {0};

	draw(80, 24, true, &ui);
	is_int(drawn.lines, 24, "80x24: all lines are drawn");
	is_str(line_with("lbctl top")->text,
	       "lbctl top  instance default, generation 0, every 1 s, by name", "the title");
	is_str(line_with("pkt/s")->text,
	       "in 300 pkt/s 240k bit/s  back 300 pkt/s 0 bit/s  new 0/s  flows 0", "the total");
	is_str(line_with("STATE")->text,
	       "SERVICE          STATE        WEIGHT FLOWS NEW/s PKT/s BIT/s   P50   P99 LATENCY",
	       "the header");
	is_str(line_with(".11:")->text,
	       "  10.0.0.11:8080 ready -           5     0     0   200 80.0k 1.0ms 1.0ms       @",
	       "a backend");
	ok(line_with(".12:")->parts[0].style == LINE_ERROR &&
		   strstr(line_with(".12:")->text, "5>0"),
	   "a backend that is down is marked, with weight 0");
	ok(line_with("3:14")->parts[0].style == LINE_WARNING &&
		   strstr(line_with("3:14")->text, "drain -       5>3.2"),
	   "a draining backend too");
	ok(line_with("- web")->is_selected && strstr(line_with("- web")->text, "2/3"),
	   "the cursor is on the service, with two serving backends");
	is_str(line_with("no_backend")->text,
	       "!no_backend         100   forwarded          300   replied            300  ",
	       "outcomes, drops first");
	ok(line_with("no_backend")->parts[0].style == LINE_ERROR, "and marked");
	ok(strstr(drawn.line[23].text, "q quit"), "the last line shows keys");
	draw(80, 24, false, &ui);
	is_str(line_with("STATE")->text,
	       "SERVICE / BACKEND         STATE        WEIGHT FLOWS NEW/s PKT/s BIT/s           ",
	       "without samples there are no latency columns");
}

static void test_choices(void)
{
	struct ui ui = {.sort.key = SORT_MEAN};

	draw(80, 24, true, &ui);
	ok(strstr(line_with("STATE")->text, "MEAN"), "the sort key is visible");
	draw(120, 24, true, &ui);
	ok(strstr(line_with("STATE")->text, "MEAN   P50   P99"),
	   "a wider screen shows more columns");
	ok(strstr(line_with("- web")->text, "web 192.0.2.10:8080/tcp"), "and whole names");
	ui.is_paused = true;
	draw(80, 24, true, &ui);
	ok(strstr(line_with("lbctl top")->text, "by mean, PAUSED"), "a pause is shown");
	ui.is_help_shown = true;
	draw(80, 24, true, &ui);
	ok(drawn.lines == 24 && strstr(line_with("quit")->text, "q         quit"), "help");
	for (size_t i = 0; i < 24; i++)
		ok(drawn.line[i].columns < 80, "help line %zu fits", i);
	ui = (struct ui){0};
	strcpy(ui.message, "no such key");
	draw(80, 24, true, &ui);
	is_str(drawn.line[23].text, "no such key", "a message replaces the keys");
	ui = (struct ui){.service = 1, .backend = 12};
	draw(80, 6, true, &ui);
	ok(strstr(line_with("lbctl top")->text, "by name, 2-4 of 4"),
	   "the scroll position is shown");
	draw(80, 0, true, &ui);
	ok(drawn.lines == 4 + 4 + 2 && !line_with("- web")->is_selected,
	   "plain text has all lines and no cursor");
}

static void test_spilled(void)
{
	struct rows none = {0}, rows;
	const struct rows_entry *shown[4];
	struct ui ui = {0};
	struct ui_lines lines = {.shown = shown};
	struct layout layout = {.columns = 80, .put = keep_line};

	make_rows(&rows, 100, false);
	rows.entries[3] = (struct rows_entry){
		.service = 1, .backend = ROWS_SPILLED, .name = "web", .spill = "sorry", .flows = 9};
	rows_update(&rows, &none, 0);
	lines.count = sort_rows(&rows, &ui.sort, shown);
	is_int(shown[3]->backend, ROWS_SPILLED, "spilled traffic is last by name");
	drawn.lines = 0;
	layout_draw(&layout, &rows, &ui, &lines);
	is_str(line_with("to sorry")->text,
	       "  to sorry                spilled                 9     -     -     -           ",
	       "and has neither state nor weight");
	rows_release(&rows);
}

/* On a screen of any size, all lines are drawn and none is too wide. */
static void test_sizes(void)
{
	bool fits = true, has_service = true;

	for (size_t columns = 1; columns <= 200; columns += 1 + columns / 40)
		for (size_t lines = 1; lines <= 60; lines += 1 + lines / 14) {
			struct ui ui = {.service = 1, .backend = 12};

			draw(columns, lines, columns & 1, &ui);
			fits &= drawn.lines == lines;
			for (size_t i = 0; i < drawn.lines; i++)
				fits &= drawn.line[i].columns <= columns;
			ui = (struct ui){0};
			draw(columns, lines, columns & 1, &ui);
			if (columns >= 20 && lines >= 2)
				has_service &= line_with("- web")->bytes > 0 &&
					       line_with("- web")->is_selected;
		}
	ok(fits, "no screen is larger or smaller than its terminal");
	ok(has_service, "and the service is visible if a line fits");
}

static void test_nothing(void)
{
	struct rows none = {0}, rows;
	struct ui ui = {0};
	struct ui_lines lines = {0};
	struct layout layout = {.columns = 80, .lines = 24, .put = keep_line};

	rows_reserve(&rows, 0);
	rows_update(&rows, &none, 0);
	drawn.lines = 0;
	layout_draw(&layout, &rows, &ui, &lines);
	ok(drawn.lines == 24 && line_with("no services (lbctl service add")->bytes > 0,
	   "without services there is a hint");
	ok(line_with("attached to nothing")->bytes > 0, "and the missing attachment is shown");
	ok(line_with("rates from the next sample")->bytes > 0, "rates need a second sample");
	rows_release(&rows);
}

int main(void)
{
	test_sparklines();
	test_lines();
	test_usual();
	test_choices();
	test_spilled();
	test_sizes();
	test_nothing();
	return tap_done();
}
