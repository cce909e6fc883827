/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints events as text or JSON: one line per event, or a JSON array. */
#ifndef COMMANDS_PRINT_EVENTS_H
#define COMMANDS_PRINT_EVENTS_H

#include <stdio.h>

#include "base/output.h"
#include "lb/abi.h"

/* Prints an event as a line of text. */
void print_event_line(FILE *stream, const struct lb_event *event);

/*
 * `number` counts from 0. JSON is an array, which print_events_end() closes, or with `is_following`
 * one object per line.
 */
void print_event(const struct output *out, const struct lb_event *event, bool is_following,
		 size_t number);
void print_events_end(const struct output *out, size_t count);

#endif
