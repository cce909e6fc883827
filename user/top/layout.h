/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layout of the screen of `top` in lines and columns. If the screen is small, columns of the table
 * are omitted first, then lines around it.
 *
 *     title, sort order
 *     controller, interfaces
 *     total rates
 *     HEADER OF THE TABLE
 *     services and backends, as many as fit
 *     outcomes of packets
 *     keys, or a message
 *
 * Pure: outputs lines from top to bottom, independent of the terminal.
 */
#ifndef TOP_LAYOUT_H
#define TOP_LAYOUT_H

#include "top/keys.h"
#include "top/layout_types.h"

/* Lines of the table that fit the screen. */
size_t layout_page(const struct layout *layout, const struct rows *rows);

/* Outputs the screen. ui_place_cursor() must have been called. */
void layout_draw(const struct layout *layout, const struct rows *rows, const struct ui *ui,
		 const struct ui_lines *lines);

#endif
