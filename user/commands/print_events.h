/* SPDX-License-Identifier: GPL-2.0-only */
/* Events, as text and as JSON: a line each, as they come in a log, or all at once. */
#ifndef COMMANDS_PRINT_EVENTS_H
#define COMMANDS_PRINT_EVENTS_H

#include <stdio.h>

#include "base/output.h"
#include "lb/abi.h"

/* The text of one, which a log has as well. */
void print_event_line(FILE *stream, const struct lb_event *event);

/*
 * `number` counts from 0. As JSON they are an array, which the end closes; or one object a
 * line, without an end, where new ones follow.
 */
void print_event(const struct output *out, const struct lb_event *event, bool follows,
		 size_t number);
void print_events_end(const struct output *out, size_t count);

#endif
