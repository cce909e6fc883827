/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watching packets as they leave: one at a time may, by telling the program what it wants
 * to see, and for how long. Told anew every second; who is killed costs nothing for long.
 *
 * Functions return 0, a negative errno, or a trace_session_condition.
 */
#ifndef DIAGNOSE_TRACE_SESSION_H
#define DIAGNOSE_TRACE_SESSION_H

#include <stdbool.h>

#include "base/condition.h"
#include "diagnose/trace/trace_record.h"

struct ring_buffer;

enum trace_session_condition {
	TRACE_SESSION_BUSY = CONDITION_TRACE_SESSION, /* somebody else watches */
	TRACE_SESSION_UNSUPPORTED, /* the instance's program cannot be watched */
};

typedef void (*trace_session_callback)(const struct lb_trace *trace, void *argument);

struct trace_session {
	trace_session_callback handle_record; /* set by the caller, as are these two */
	void *argument;
	struct trace_filter filter;
	int lock; /* the directory of links, locked */
	struct lb_control *control;
	struct lb_trace_filter *bpf_filter;
	struct ring_buffer *ring;
	bool is_open; /* what was left by another is gone */
};

/* Begins. The store lets go of its lock, so that others may work, and is to be kept open. */
int trace_session_open(struct trace_session *session, struct store *store);

/* Goes on watching, by the configuration that holds by now: to be called about every second. */
void trace_session_renew(struct trace_session *session, struct store *store);

/* Hands out what has come, after waiting for it. */
int trace_session_wait(struct trace_session *session, int timeout_ms);

/* Records that found no room, since the beginning. */
__u64 trace_session_lost(const struct trace_session *session);

void trace_session_close(struct trace_session *session);

#endif
