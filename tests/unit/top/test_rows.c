// SPDX-License-Identifier: GPL-2.0-only
/* Boards that follow each other, in which order they are shown, and what keys do to that. */
#include <arpa/inet.h>
#include <string.h>

#include "base/address.h"
#include "rig/tap.h"
#include "top/keys.h"

/* A service's id is its number; its backends' are ten times as much and more. */
static struct board_row *put(struct board *board, size_t at, __u32 service, __u32 backend,
			     const char *address, __u64 packets)
{
	struct board_row *row = &board->rows[at];

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

static void answer(struct board_row *row, __u32 us, __u32 times)
{
	row->latency.responses.count[lb_response_bucket(us)] += times;
	row->latency.sum_us += (__u64)us * times;
}

/* Two services with three and one backends; `scale` times as many packets. */
static void make(struct board *board, __u64 scale)
{
	board_reserve(board, 6);
	put(board, 0, 1, 0, "192.0.2.1", 600 * scale);
	put(board, 1, 1, 10, "10.0.0.10", 100 * scale);
	put(board, 2, 1, 11, "10.0.0.9", 300 * scale);
	put(board, 3, 1, 12, "10.0.0.11", 200 * scale);
	put(board, 4, 2, 0, "192.0.2.2", 900 * scale);
	put(board, 5, 2, 20, "10.0.0.20", 900 * scale);
	board->outcomes.count[LB_FORWARDED] = 1500 * scale;
}

static void test_follow(void)
{
	struct board none = {0}, first, second, third;

	make(&first, 1);
	board_follow(&first, &none, 5);
	ok(first.seconds == 0 && first.rows[0].rate.packets == 0 && first.rows[0].spark.count == 0,
	   "the first board has no rates");
	is_int(first.flows, 150, "flows are those of the services");
	make(&second, 3);
	answer(&second.rows[1], 1000, 10);
	answer(&second.rows[2], 3000, 10);
	second.outcomes.count[LB_NO_BACKEND] = 8;
	first.rows[0].is_folded = true;
	board_follow(&second, &first, 2);
	ok(second.rows[0].rate.packets == 600 && second.rows[2].rate.packets == 300,
	   "the second has those of what was gained");
	ok(second.total.packets == 1500, "all services together have what each has");
	ok(second.rows[1].times.mean_us == 1000 && second.rows[0].times.mean_us == 2000 &&
		   second.rows[0].times.samples == 20,
	   "a service's times are those of all its backends");
	ok(second.is_timed && !first.is_timed, "it is known whether anything is timed");
	ok(second.outcome_rate[LB_FORWARDED] == 1500 && second.outcome_rate[LB_NO_BACKEND] == 4,
	   "outcomes have rates");
	ok(second.rows[0].is_folded && !second.rows[4].is_folded, "what was folded stays so");
	make(&third, 3);
	memmove(&third.rows[1], &third.rows[2], 4 * sizeof(third.rows[0]));
	third.count = 5;
	address_parse("10.0.0.99", third.rows[4].address);
	board_follow(&third, &second, 1);
	is_int(third.rows[1].spark.count, 2, "who moved up has his samples still");
	is_int(third.rows[4].spark.count, 1, "who has another's id begins anew");
	ok(third.outcome_seen[LB_NO_BACKEND] && !third.outcome_seen[LB_NO_ROUTE],
	   "what once happened is remembered");
	ok(third.is_timed, "and that something was timed");
	board_release(&first);
	board_release(&second);
	board_release(&third);
}

/* "b 11 10 12 c 20": the services' letters, the backends' ids. */
static const char *listed(const struct board *board, const struct order *order)
{
	static char text[256];
	const struct board_row *shown[8];
	int count = order_rows(board, order, shown);

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
	struct board none = {0}, board;
	struct order order = {.key = ORDER_NAME};
	enum order_key key = ORDER_P50;

	make(&board, 1);
	is_str(listed(&board, &order), "b 11 10 12 c 20", "by name is by address");
	order.key = ORDER_WEIGHT;
	is_str(listed(&board, &order), "c 20 b 11 12 10", "the heaviest first");
	order.key = ORDER_FLOWS;
	is_str(listed(&board, &order), "c 20 b 11 12 10", "those with most flows first");
	order.is_reversed = true;
	is_str(listed(&board, &order), "b 10 12 11 c 20", "or last");
	order.key = ORDER_PACKETS;
	order.is_reversed = false;
	is_str(listed(&board, &order), "b 11 10 12 c 20", "who is alike stands by name");
	order.key = ORDER_WEIGHT;
	order.only = 1;
	is_str(listed(&board, &order), "b 11 12 10", "one service alone");
	board.rows[0].is_folded = true;
	is_str(listed(&board, &order), "b", "and folded");
	is_str(listed(&none, &order), "", "nothing, of nothing");
	for (int i = 0; i < ORDER_KEYS; i++) {
		is_int(order_parse(order_names[i], &key), 0, "%s is a key", order_names[i]);
		ok(key == (enum order_key)i && order_letter(i), "with a letter");
	}
	ok(order_parse("wieght", &key) && key == ORDER_P99, "another word is none");
	board_release(&board);
}

/* A board of more backends than fit, browsed with a page of so many lines. */
struct desk {
	struct board board;
	struct browse browse;
	struct browse_lines lines;
	const struct board_row *shown[64];
};

static void settle(struct desk *desk)
{
	desk->lines.shown = desk->shown;
	desk->lines.count = order_rows(&desk->board, &desk->browse.order, desk->shown);
	browse_settle(&desk->browse, &desk->lines);
}

static void press(struct desk *desk, int key)
{
	browse_press(&desk->browse, &desk->board, &desk->lines, key);
	settle(desk);
}

static void sit(struct desk *desk, size_t page)
{
	char address[32];

	*desk = (struct desk){.lines.page = page};
	board_reserve(&desk->board, 42);
	put(&desk->board, 0, 1, 0, "192.0.2.1", 0);
	for (unsigned int i = 0; i < 20; i++) {
		snprintf(address, sizeof(address), "10.0.0.%u", i + 1);
		put(&desk->board, 1 + i, 1, 10 + i, address, 10 * i);
		put(&desk->board, 22 + i, 2, 40 + i, address, 10 * i);
	}
	put(&desk->board, 21, 2, 0, "192.0.2.2", 0);
	settle(desk);
}

static void test_movement(void)
{
	struct desk desk;

	sit(&desk, 10);
	is_int(desk.browse.line, 0, "the cursor is on the first line");
	press(&desk, BROWSE_UP);
	is_int(desk.browse.line, 0, "and does not leave it");
	for (int i = 0; i < 12; i++)
		press(&desk, BROWSE_DOWN);
	ok(desk.browse.line == 12 && desk.browse.first == 3, "lines scroll as it goes down");
	press(&desk, 'w');
	ok(desk.shown[desk.browse.line]->backend == 21 && desk.browse.line == 9,
	   "it stays with whom it was set on");
	press(&desk, BROWSE_END);
	ok(desk.browse.line == 41 && desk.browse.first == 32, "the end");
	press(&desk, BROWSE_PAGE_UP);
	is_int(desk.browse.line, 31, "a page up");
	press(&desk, BROWSE_PAGE_DOWN);
	press(&desk, BROWSE_PAGE_DOWN);
	is_int(desk.browse.line, 41, "no page goes beyond the end");
	press(&desk, BROWSE_HOME);
	ok(desk.browse.line == 0 && desk.browse.first == 0, "the beginning");
	press(&desk, 'j');
	press(&desk, BROWSE_END);
	desk.board.count = 5;
	settle(&desk);
	ok(desk.browse.line == 4 && desk.browse.first == 0, "it outlives those it was on");
	desk.board.count = 0;
	settle(&desk);
	press(&desk, BROWSE_DOWN);
	press(&desk, BROWSE_ENTER);
	press(&desk, 'o');
	is_int(desk.browse.line, 0, "nothing at all can be browsed, too");
	desk.board.count = 42;
	desk.lines.page = 0;
	settle(&desk);
	press(&desk, BROWSE_DOWN);
	is_int(desk.browse.line, 1, "and no line of room");
	board_release(&desk.board);
}

static void test_choices(void)
{
	struct desk desk;

	sit(&desk, 10);
	press(&desk, BROWSE_DOWN);
	press(&desk, BROWSE_ENTER);
	ok(desk.lines.count == 22 && desk.browse.line == 0, "enter folds a backend's service");
	press(&desk, BROWSE_ENTER);
	is_int(desk.lines.count, 42, "and unfolds it");
	press(&desk, BROWSE_LEFT);
	press(&desk, BROWSE_LEFT);
	is_int(desk.lines.count, 22, "left folds it, and keeps it so");
	press(&desk, BROWSE_RIGHT);
	press(&desk, 'a');
	is_int(desk.lines.count, 2, "all are folded");
	press(&desk, 'a');
	is_int(desk.lines.count, 42, "and unfolded");
	press(&desk, BROWSE_END);
	press(&desk, 'o');
	ok(desk.lines.count == 21 && desk.browse.order.only == 2, "only the cursor's service");
	press(&desk, BROWSE_ESCAPE);
	is_int(desk.lines.count, 42, "all again");
	press(&desk, 'r');
	ok(desk.browse.order.is_reversed, "reversed");
	press(&desk, ' ');
	ok(desk.browse.is_paused, "paused");
	press(&desk, '?');
	ok(desk.browse.is_helping, "help");
	press(&desk, ' ');
	ok(!desk.browse.is_helping && desk.browse.is_paused, "a key only goes back from it");
	press(&desk, 'z');
	is_str(desk.browse.message, "top: no key 'z': ? tells which there are", "no such key");
	press(&desk, BROWSE_OTHER);
	is_str(desk.browse.message, "top: no such key: ? tells which there are", "nor this");
	press(&desk, '5');
	ok(desk.browse.order.key == ORDER_P50 && !desk.browse.message[0], "the next one is");
	ok(!desk.browse.is_over, "it goes on");
	press(&desk, 'q');
	ok(desk.browse.is_over, "until q");
	board_release(&desk.board);
}

int main(void)
{
	test_follow();
	test_order();
	test_movement();
	test_choices();
	return tap_done();
}
