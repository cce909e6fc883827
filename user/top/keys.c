// SPDX-License-Identifier: GPL-2.0-only
#include "top/keys.h"

#include <ctype.h>
#include <stdio.h>

static const struct rows_entry *selected_row(const struct ui *ui, const struct ui_lines *lines)
{
	return ui->index < lines->count ? lines->shown[ui->index] : NULL;
}

void ui_place_cursor(struct ui *ui, const struct ui_lines *lines)
{
	size_t page = lines->page ? lines->page : 1;

	if (!ui->service)
		ui->index = 0;
	for (size_t i = 0; i < lines->count; i++)
		if (lines->shown[i]->service == ui->service &&
		    lines->shown[i]->backend == ui->backend)
			ui->index = i;
	if (ui->index >= lines->count)
		ui->index = lines->count ? lines->count - 1 : 0;
	if (ui->first > ui->index)
		ui->first = ui->index;
	if (ui->index >= ui->first + page)
		ui->first = ui->index - page + 1;
	if (ui->first + page > lines->count)
		ui->first = lines->count > page ? lines->count - page : 0;
}

static void set_cursor(struct ui *ui, const struct rows_entry *row)
{
	ui->service = row ? row->service : 0;
	ui->backend = row ? row->backend : 0;
}

static void move_cursor(struct ui *ui, const struct ui_lines *lines, long by)
{
	long index = (long)ui->index + by;

	if (index >= (long)lines->count)
		index = (long)lines->count - 1;
	if (index < 0)
		index = 0;
	ui->index = (size_t)index;
	set_cursor(ui, selected_row(ui, lines));
}

static struct rows_entry *find_service(struct rows *rows, __u32 id)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->entries[i].service == id && !rows->entries[i].backend)
			return &rows->entries[i];
	return NULL;
}

/* Folds or unfolds the service at the cursor. From a backend, the cursor moves to its service. */
static void fold(struct ui *ui, struct rows *rows, const struct ui_lines *lines, int key)
{
	const struct rows_entry *row = selected_row(ui, lines);
	struct rows_entry *service = row ? find_service(rows, row->service) : NULL;

	if (!service)
		return;
	service->is_folded = key == UI_KEY_ENTER ? !service->is_folded : key == UI_KEY_LEFT;
	if (service->is_folded)
		set_cursor(ui, service);
}

static void fold_all(struct rows *rows)
{
	bool any_open = false;

	for (size_t i = 0; i < rows->count; i++)
		any_open |= !rows->entries[i].backend && !rows->entries[i].is_folded;
	for (size_t i = 0; i < rows->count; i++)
		rows->entries[i].is_folded = any_open;
}

static void toggle_only(struct ui *ui, const struct ui_lines *lines)
{
	const struct rows_entry *row = selected_row(ui, lines);

	ui->sort.only = !ui->sort.only && row ? row->service : 0;
}

static void handle_other_key(struct ui *ui, int key)
{
	for (int i = 0; i < SORT_KEYS; i++)
		if (key == sort_letter(i)) {
			ui->sort.key = i;
			return;
		}
	if (key < 128 && isprint(key))
		snprintf(ui->message, sizeof(ui->message), "top: unknown key '%c' (? for help)",
			 key);
	else
		snprintf(ui->message, sizeof(ui->message), "top: unknown key (? for help)");
}

static bool handle_movement_key(struct ui *ui, const struct ui_lines *lines, int key)
{
	const long page = lines->page ? (long)lines->page : 1;

	if (key == UI_KEY_UP || key == 'k')
		move_cursor(ui, lines, -1);
	else if (key == UI_KEY_DOWN || key == 'j')
		move_cursor(ui, lines, 1);
	else if (key == UI_KEY_PAGE_UP)
		move_cursor(ui, lines, -page);
	else if (key == UI_KEY_PAGE_DOWN)
		move_cursor(ui, lines, page);
	else if (key == UI_KEY_END)
		move_cursor(ui, lines, (long)lines->count);
	else if (key == UI_KEY_HOME)
		set_cursor(ui, NULL);
	else
		return false;
	return true;
}

void ui_handle_key(struct ui *ui, struct rows *rows, const struct ui_lines *lines, int key)
{
	bool was_help_shown = ui->is_help_shown;

	ui->message[0] = '\0';
	ui->is_help_shown = false;
	if (key == 'q')
		ui->is_finished = true;
	else if (was_help_shown)
		return; /* any key closes the help */
	else if (key == '?' || key == 'h')
		ui->is_help_shown = true;
	else if (key == ' ')
		ui->is_paused = !ui->is_paused;
	else if (key == 'r')
		ui->sort.is_reversed = !ui->sort.is_reversed;
	else if (key == UI_KEY_ENTER || key == UI_KEY_LEFT || key == UI_KEY_RIGHT)
		fold(ui, rows, lines, key);
	else if (key == 'a')
		fold_all(rows);
	else if (key == 'o')
		toggle_only(ui, lines);
	else if (key == UI_KEY_ESCAPE)
		ui->sort.only = 0;
	else if (!handle_movement_key(ui, lines, key))
		handle_other_key(ui, key);
}
