/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packet trace session: sets the filter that the attached program applies to packets as they
 * leave, and reads its records from a ring buffer. One session per instance at a time.
 *
 * A session is a lease that its owner renews every second. If the owner is killed, the lease
 * expires after 3.2 s, and the next packet turns tracing off.
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
	TRACE_SESSION_BUSY = CONDITION_TRACE_SESSION, /* another session is open */
	TRACE_SESSION_UNSUPPORTED, /* the instance's program is too old to trace */
};

typedef void (*trace_session_callback)(const struct lb_trace *trace, void *argument);

struct trace_session {
	trace_session_callback handle_record; /* set by the caller, like the next two */
	void *argument;
	struct trace_filter filter;
	int lock; /* the directory of pinned links, locked */
	struct lb_control *control;
	struct lb_trace_filter *bpf_filter;
	struct ring_buffer *ring;
	bool is_open; /* records of an earlier session have been drained */
};

/* Opens a session. Releases the store's lock, so that other commands can run, but keeps it open. */
int trace_session_open(struct trace_session *session, struct store *store);

/* Renews the lease and rewrites the filter from the current configuration. Call every second. */
void trace_session_renew(struct trace_session *session, struct store *store);

/* Waits for records, and passes them to handle_record. Returns 0 or a negative errno. */
int trace_session_wait(struct trace_session *session, int timeout_ms);

/* Records lost since the start because the ring buffer was full. */
__u64 trace_session_lost(const struct trace_session *session);

void trace_session_close(struct trace_session *session);

#endif
