/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal: draws lines and reads keys. The only user of curses. While it is open, signals that
 * would end the process only interrupt terminal_wait(), so that the terminal is always restored;
 * after a crash too.
 *
 * There is one terminal per process.
 */
#ifndef TOP_TERMINAL_H
#define TOP_TERMINAL_H

#include "top/line.h"

/* Results of terminal_wait() besides keys (top/keys.h). */
enum terminal_event {
	TERMINAL_TIMEOUT = -1,
	TERMINAL_RESIZED = -2,
	TERMINAL_END = -3, /* a signal, or a closed terminal */
};

/* Returns 0; -ENOTTY without a terminal; -ENOENT if $TERM is unknown. */
int terminal_open(bool color);
void terminal_close(void);

void terminal_size(size_t *columns, size_t *lines);

/* Draw from top to bottom; terminal_refresh() makes it visible. */
void terminal_clear(void);
void terminal_put(void *unused, const struct line *line);
void terminal_refresh(void);

/* Waits up to `seconds` for a key or an event, and returns it. */
int terminal_wait(double seconds);

#endif
