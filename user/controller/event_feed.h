/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event feed: passes new events of the event log to a reader, outside the store's lock.
 *
 * Events are copied while the store is open, and passed on when it is paused, so that a slow
 * reader blocks no other process.
 */
#ifndef CONTROLLER_EVENT_FEED_H
#define CONTROLLER_EVENT_FEED_H

#include <stddef.h>

#include "lb/abi.h"

struct store;

struct event_feed {
	__u64 seen; /* events up to this number are not new */
	struct lb_event *events; /* collected; NULL = none */
	size_t count;
};

/* From now on, events that the log has already are not new. */
void event_feed_start(struct event_feed *event_feed, const struct store *store);

/* Copies the new events of an open store. Without memory for them, they are skipped. */
void event_feed_collect(struct event_feed *event_feed, const struct store *store);

/* Calls back for each collected event, in order, and frees them. */
void event_feed_notify(struct event_feed *event_feed,
		       void (*callback)(void *owner, const struct lb_event *event), void *owner);

#endif
