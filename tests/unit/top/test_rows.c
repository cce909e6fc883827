// SPDX-License-Identifier: GPL-2.0-only
/* Consecutive samples of top, their sort order, and the keys of the user interface. */
#include <arpa/inet.h>
#include <string.h>

#include "base/address.h"
#include "core/tap.h"
#include "top/keys.h"

/* Ids of services are 1 and 2; ids of their backends are 10 and more, 20 and more. */
static struct rows_entry *put(struct rows *rows, size_t at, __u32 service, __u32 backend,
			      const char *address, __u64 packets)
{
	struct rows_entry *row = &rows->entries[at];

	row->service = service;
	row->backend = backend;
	row->name[0] = (char)('a' + service);
	row->protocol = IPPROTO_TCP;
	row->port = htons(80);
	address_parse(address, row->address);
	row->traffic.packets = packets;
	row->traffic.bytes = packets * 100;
	row->flows = packets / 10;
	row->effective_weight = packets;
	return row;
}

static void answer(struct rows_entry *row, __u32 us, __u32 times)
{
	row->latency.responses.count[lb_response_bucket(us)] += times;
	row->latency.sum_us += (__u64)us * times;
}

/* Two services with three backends and one; packets are multiplied by `scale`. */
static void make(struct rows *rows, __u64 scale)
{
	rows_reserve(rows, 6);
	put(rows, 0, 1, 0, "192.0.2.1", 600 * scale);
	put(rows, 1, 1, 10, "10.0.0.10", 100 * scale);
	put(rows, 2, 1, 11, "10.0.0.9", 300 * scale);
	put(rows, 3, 1, 12, "10.0.0.11", 200 * scale);
	put(rows, 4, 2, 0, "192.0.2.2", 900 * scale);
	put(rows, 5, 2, 20, "10.0.0.20", 900 * scale);
	rows->outcomes.count[LB_FORWARDED] = 1500 * scale;
}

static void test_follow(void)
{
	struct rows none = {0}, first, second, third;

	make(&first, 1);
	rows_update(&first, &none, 5);
	ok(first.seconds == 0 && first.entries[0].rate.packets == 0 &&
		   first.entries[0].sparkline.count == 0,
	   "the first sample has no rates");
	is_int(first.flows, 150, "flows are summed over services");
	make(&second, 3);
	answer(&second.entries[1], 1000, 10);
	answer(&second.entries[2], 3000, 10);
	second.outcomes.count[LB_NO_BACKEND] = 8;
	first.entries[0].is_folded = true;
	rows_update(&second, &first, 2);
	ok(second.entries[0].rate.packets == 600 && second.entries[2].rate.packets == 300,
	   "the second has rates of the increase");
	ok(second.total.packets == 1500, "the total is the sum of all services");
	ok(second.entries[1].times.mean_us == 1000 && second.entries[0].times.mean_us == 2000 &&
		   second.entries[0].times.samples == 20,
	   "response times of a service are those of all its backends");
	ok(second.has_latency && !first.has_latency, "sampled requests are detected");
	ok(second.outcome_rate[LB_FORWARDED] == 1500 && second.outcome_rate[LB_NO_BACKEND] == 4,
	   "outcomes have rates");
	ok(second.entries[0].is_folded && !second.entries[4].is_folded,
	   "folded services stay folded");
	make(&third, 3);
	memmove(&third.entries[1], &third.entries[2], 4 * sizeof(third.entries[0]));
	third.count = 5;
	address_parse("10.0.0.99", third.entries[4].address);
	rows_update(&third, &second, 1);
	is_int(third.entries[1].sparkline.count, 2, "a row that moves keeps its samples");
	is_int(third.entries[4].sparkline.count, 1,
	       "a backend with a reused id has no old samples");
	ok(third.outcome_seen[LB_NO_BACKEND] && !third.outcome_seen[LB_NO_ROUTE],
	   "outcomes stay visible");
	ok(third.has_latency, "and so do latency columns");
	rows_release(&first);
	rows_release(&second);
	rows_release(&third);
}

/* Names of services and ids of backends, in order: "b 11 10 12 c 20". */
static const char *listed(const struct rows *rows, const struct sort *sort)
{
	static char text[256];
	const struct rows_entry *shown[8];
	int count = sort_rows(rows, sort, shown);

	text[0] = '\0';
	for (int i = 0; i < count; i++) {
		size_t length = strlen(text);

		if (shown[i]->backend)
			snprintf(text + length, sizeof(text) - length, " %u", shown[i]->backend);
		else
			snprintf(text + length, sizeof(text) - length, "%s%s", i ? " " : "",
				 shown[i]->name);
	}
	return text;
}

static void test_order(void)
{
	struct rows none = {0}, rows;
	struct sort sort = {.key = SORT_NAME};
	enum sort_key key = SORT_P50;

	make(&rows, 1);
	is_str(listed(&rows, &sort), "b 11 10 12 c 20", "by name: backends by address");
	sort.key = SORT_WEIGHT;
	is_str(listed(&rows, &sort), "c 20 b 11 12 10", "by weight: largest first");
	sort.key = SORT_FLOWS;
	is_str(listed(&rows, &sort), "c 20 b 11 12 10", "by flows: most first");
	sort.is_reversed = true;
	is_str(listed(&rows, &sort), "b 10 12 11 c 20", "or last, reversed");
	sort.key = SORT_PACKETS;
	sort.is_reversed = false;
	is_str(listed(&rows, &sort), "b 11 10 12 c 20", "equal values are sorted by name");
	sort.key = SORT_WEIGHT;
	sort.only = 1;
	is_str(listed(&rows, &sort), "b 11 12 10", "one service only");
	rows.entries[0].is_folded = true;
	is_str(listed(&rows, &sort), "b", "and folded");
	is_str(listed(&none, &sort), "", "no rows, no lines");
	for (int i = 0; i < SORT_KEYS; i++) {
		is_int(sort_parse(sort_names[i], &key), 0, "%s is a key", sort_names[i]);
		ok(key == (enum sort_key)i && sort_letter(i), "with a letter");
	}
	ok(sort_parse("wieght", &key) && key == SORT_P99, "an unknown key is refused");
	rows_release(&rows);
}

/* A user interface with more backends than lines. */
struct screen {
	struct rows rows;
	struct ui ui;
	struct ui_lines lines;
	const struct rows_entry *shown[64];
};

static void list_lines(struct screen *screen)
{
	screen->lines.shown = screen->shown;
	screen->lines.count = sort_rows(&screen->rows, &screen->ui.sort, screen->shown);
	ui_place_cursor(&screen->ui, &screen->lines);
}

static void press(struct screen *screen, int key)
{
	ui_handle_key(&screen->ui, &screen->rows, &screen->lines, key);
	list_lines(screen);
}

static void open_screen(struct screen *screen, size_t page)
{
	char address[32];

	*screen = (struct screen){.lines.page = page};
	rows_reserve(&screen->rows, 42);
	put(&screen->rows, 0, 1, 0, "192.0.2.1", 0);
	for (unsigned int i = 0; i < 20; i++) {
		snprintf(address, sizeof(address), "10.0.0.%u", i + 1);
		put(&screen->rows, 1 + i, 1, 10 + i, address, 10 * i);
		put(&screen->rows, 22 + i, 2, 40 + i, address, 10 * i);
	}
	put(&screen->rows, 21, 2, 0, "192.0.2.2", 0);
	list_lines(screen);
}

static void test_movement(void)
{
	struct screen screen;

	open_screen(&screen, 10);
	is_int(screen.ui.index, 0, "the cursor is on the first line");
	press(&screen, UI_KEY_UP);
	is_int(screen.ui.index, 0, "and stays there");
	for (int i = 0; i < 12; i++)
		press(&screen, UI_KEY_DOWN);
	ok(screen.ui.index == 12 && screen.ui.first == 3, "lines scroll as it moves down");
	press(&screen, 'w');
	ok(screen.shown[screen.ui.index]->backend == 21 && screen.ui.index == 9,
	   "the cursor follows its backend");
	press(&screen, UI_KEY_END);
	ok(screen.ui.index == 41 && screen.ui.first == 32, "the end");
	press(&screen, UI_KEY_PAGE_UP);
	is_int(screen.ui.index, 31, "a page up");
	press(&screen, UI_KEY_PAGE_DOWN);
	press(&screen, UI_KEY_PAGE_DOWN);
	is_int(screen.ui.index, 41, "no page is beyond the end");
	press(&screen, UI_KEY_HOME);
	ok(screen.ui.index == 0 && screen.ui.first == 0, "the beginning");
	press(&screen, 'j');
	press(&screen, UI_KEY_END);
	screen.rows.count = 5;
	list_lines(&screen);
	ok(screen.ui.index == 4 && screen.ui.first == 0,
	   "the cursor stays on a line when lines disappear");
	screen.rows.count = 0;
	list_lines(&screen);
	press(&screen, UI_KEY_DOWN);
	press(&screen, UI_KEY_ENTER);
	press(&screen, 'o');
	is_int(screen.ui.index, 0, "an empty screen works too");
	screen.rows.count = 42;
	screen.lines.page = 0;
	list_lines(&screen);
	press(&screen, UI_KEY_DOWN);
	is_int(screen.ui.index, 1, "and a screen without lines");
	rows_release(&screen.rows);
}

static void test_choices(void)
{
	struct screen screen;

	open_screen(&screen, 10);
	press(&screen, UI_KEY_DOWN);
	press(&screen, UI_KEY_ENTER);
	ok(screen.lines.count == 22 && screen.ui.index == 0,
	   "enter folds the service of a backend");
	press(&screen, UI_KEY_ENTER);
	is_int(screen.lines.count, 42, "and unfolds it");
	press(&screen, UI_KEY_LEFT);
	press(&screen, UI_KEY_LEFT);
	is_int(screen.lines.count, 22, "left folds it, twice too");
	press(&screen, UI_KEY_RIGHT);
	press(&screen, 'a');
	is_int(screen.lines.count, 2, "a folds all");
	press(&screen, 'a');
	is_int(screen.lines.count, 42, "and unfolds all");
	press(&screen, UI_KEY_END);
	press(&screen, 'o');
	ok(screen.lines.count == 21 && screen.ui.sort.only == 2, "o shows one service");
	press(&screen, UI_KEY_ESCAPE);
	is_int(screen.lines.count, 42, "escape shows all again");
	press(&screen, 'r');
	ok(screen.ui.sort.is_reversed, "reversed");
	press(&screen, ' ');
	ok(screen.ui.is_paused, "paused");
	press(&screen, '?');
	ok(screen.ui.is_help_shown, "help");
	press(&screen, ' ');
	ok(!screen.ui.is_help_shown && screen.ui.is_paused, "any key only closes the help");
	press(&screen, 'z');
	is_str(screen.ui.message, "top: unknown key 'z' (? for help)", "an unknown key");
	press(&screen, UI_KEY_OTHER);
	is_str(screen.ui.message, "top: unknown key (? for help)", "a key without a character");
	press(&screen, '5');
	ok(screen.ui.sort.key == SORT_P50 && !screen.ui.message[0],
	   "the next key removes the message");
	ok(!screen.ui.is_finished, "top continues");
	press(&screen, 'q');
	ok(screen.ui.is_finished, "until q");
	rows_release(&screen.rows);
}

int main(void)
{
	test_follow();
	test_order();
	test_movement();
	test_choices();
	return tap_done();
}
