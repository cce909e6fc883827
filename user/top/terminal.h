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
enum screen_event {
	SCREEN_NOTHING = -1, /* it is time */
	SCREEN_RESIZED = -2,
	SCREEN_END = -3, /* a signal, or the terminal is gone */
};

/* 0; -ENOTTY when there is no terminal, -ENOENT when it is of a kind that is not known. */
int screen_open(bool color);
void screen_close(void);

void screen_size(size_t *columns, size_t *lines);

/* From top to bottom, and then shown. */
void screen_begin(void);
void screen_put(void *unused, const struct strip *strip);
void screen_show(void);

/* A key, or an event; waits so many seconds for it. */
int screen_wait(double seconds);

#endif
