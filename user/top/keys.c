// SPDX-License-Identifier: GPL-2.0-only
#include "top/keys.h"

#include <ctype.h>
#include <stdio.h>

static const struct board_row *chosen(const struct browse *browse, const struct browse_lines *lines)
{
	return browse->line < lines->count ? lines->shown[browse->line] : NULL;
}

void browse_settle(struct browse *browse, const struct browse_lines *lines)
{
	size_t page = lines->page ? lines->page : 1;

	if (!browse->service)
		browse->line = 0;
	for (size_t i = 0; i < lines->count; i++)
		if (lines->shown[i]->service == browse->service &&
		    lines->shown[i]->backend == browse->backend)
			browse->line = i;
	if (browse->line >= lines->count)
		browse->line = lines->count ? lines->count - 1 : 0;
	if (browse->first > browse->line)
		browse->first = browse->line;
	if (browse->line >= browse->first + page)
		browse->first = browse->line - page + 1;
	if (browse->first + page > lines->count)
		browse->first = lines->count > page ? lines->count - page : 0;
}

static void set_cursor(struct browse *browse, const struct board_row *row)
{
	browse->service = row ? row->service : 0;
	browse->backend = row ? row->backend : 0;
}

static void move(struct browse *browse, const struct browse_lines *lines, long by)
{
	long line = (long)browse->line + by;

	if (line >= (long)lines->count)
		line = (long)lines->count - 1;
	if (line < 0)
		line = 0;
	browse->line = (size_t)line;
	set_cursor(browse, chosen(browse, lines));
}

static struct board_row *find_service(struct board *board, __u32 id)
{
	for (size_t i = 0; i < board->count; i++)
		if (board->rows[i].service == id && !board->rows[i].backend)
			return &board->rows[i];
	return NULL;
}

/* The service that the cursor is in; from its backends the cursor goes there. */
static void fold(struct browse *browse, struct board *board, const struct browse_lines *lines,
		 int key)
{
	const struct board_row *row = chosen(browse, lines);
	struct board_row *service = row ? find_service(board, row->service) : NULL;

	if (!service)
		return;
	service->is_folded = key == BROWSE_ENTER ? !service->is_folded : key == BROWSE_LEFT;
	if (service->is_folded)
		set_cursor(browse, service);
}

static void fold_all(struct board *board)
{
	bool any_open = false;

	for (size_t i = 0; i < board->count; i++)
		any_open |= !board->rows[i].backend && !board->rows[i].is_folded;
	for (size_t i = 0; i < board->count; i++)
		board->rows[i].is_folded = any_open;
}

static void keep_to(struct browse *browse, const struct browse_lines *lines)
{
	const struct board_row *row = chosen(browse, lines);

	browse->order.only = !browse->order.only && row ? row->service : 0;
}

static void press_other(struct browse *browse, int key)
{
	for (int i = 0; i < ORDER_KEYS; i++)
		if (key == order_letter(i)) {
			browse->order.key = i;
			return;
		}
	if (key < 128 && isprint(key))
		snprintf(browse->message, sizeof(browse->message),
			 "top: no key '%c': ? tells which there are", key);
	else
		snprintf(browse->message, sizeof(browse->message),
			 "top: no such key: ? tells which there are");
}

static bool press_movement(struct browse *browse, const struct browse_lines *lines, int key)
{
	const long page = lines->page ? (long)lines->page : 1;

	if (key == BROWSE_UP || key == 'k')
		move(browse, lines, -1);
	else if (key == BROWSE_DOWN || key == 'j')
		move(browse, lines, 1);
	else if (key == BROWSE_PAGE_UP)
		move(browse, lines, -page);
	else if (key == BROWSE_PAGE_DOWN)
		move(browse, lines, page);
	else if (key == BROWSE_END)
		move(browse, lines, (long)lines->count);
	else if (key == BROWSE_HOME)
		set_cursor(browse, NULL);
	else
		return false;
	return true;
}

void browse_press(struct browse *browse, struct board *board, const struct browse_lines *lines,
		  int key)
{
	bool was_helping = browse->is_helping;

	browse->message[0] = '\0';
	browse->is_helping = false;
	if (key == 'q')
		browse->is_over = true;
	else if (was_helping)
		return; /* any key goes back */
	else if (key == '?' || key == 'h')
		browse->is_helping = true;
	else if (key == ' ')
		browse->is_paused = !browse->is_paused;
	else if (key == 'r')
		browse->order.is_reversed = !browse->order.is_reversed;
	else if (key == BROWSE_ENTER || key == BROWSE_LEFT || key == BROWSE_RIGHT)
		fold(browse, board, lines, key);
	else if (key == 'a')
		fold_all(board);
	else if (key == 'o')
		keep_to(browse, lines);
	else if (key == BROWSE_ESCAPE)
		browse->order.only = 0;
	else if (!press_movement(browse, lines, key))
		press_other(browse, key);
}
