/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watching packets as they leave: one at a time may, by telling the program what it wants
 * to see, and for how long. Told anew every second; who is killed costs nothing for long.
 *
 * Functions return 0, a negative errno, or a store_trace_condition.
 */
#ifndef DIAGNOSE_TRACE_SESSION_H
#define DIAGNOSE_TRACE_SESSION_H

#include <stdbool.h>

#include "diagnose/trace/trace_record.h"

struct ring_buffer;

enum store_trace_condition {
	STORE_TRACE_TAKEN = 1, /* somebody else watches */
	STORE_TRACE_OLD, /* the instance's program cannot be watched */
};

typedef void (*store_trace_see)(const struct lb_trace *trace, void *argument);

struct store_trace {
	store_trace_see see; /* set by the caller, as are these two */
	void *argument;
	struct sighting_filter filter;
	int lock; /* the directory of links, locked */
	struct lb_control *control;
	struct lb_watch *watch;
	struct ring_buffer *ring;
	bool is_open; /* what was left by another is gone */
};

/* Begins. The store lets go of its lock, so that others may work, and is to be kept open. */
int store_trace_open(struct store_trace *trace, struct store *store);

/* Goes on watching, by the configuration that holds by now: to be called about every second. */
void store_trace_renew(struct store_trace *trace, struct store *store);

/* Hands out what has come, after waiting for it. */
int store_trace_wait(struct store_trace *trace, int timeout_ms);

/* Records that found no room, since the beginning. */
__u64 store_trace_lost(const struct store_trace *trace);

void store_trace_close(struct store_trace *trace);

#endif
