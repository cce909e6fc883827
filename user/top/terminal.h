/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The screen: a terminal that strips are drawn on and keys are read from; the only module that
 * knows curses. While it is open, signals that would end the process end the waiting for keys
 * instead, so that the terminal is always given back as it was; by a crash, too.
 *
 * There is one terminal, and so one screen.
 */
#ifndef TOP_TERMINAL_H
#define TOP_TERMINAL_H

#include "top/line.h"

/* Besides keys (top/keys.h). */
enum terminal_event {
	TERMINAL_TIMEOUT = -1, /* it is time */
	TERMINAL_RESIZED = -2,
	TERMINAL_END = -3, /* a signal, or the terminal is gone */
};

/* 0; -ENOTTY when there is no terminal, -ENOENT when it is of a kind that is not known. */
int terminal_open(bool color);
void terminal_close(void);

void terminal_size(size_t *columns, size_t *lines);

/* From top to bottom, and then shown. */
void terminal_clear(void);
void terminal_put(void *unused, const struct line *line);
void terminal_refresh(void);

/* A key, or an event; waits so many seconds for it. */
int terminal_wait(double seconds);

#endif
