/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * News: the events that somebody has not heard of yet. They are copied while the store is
 * open, and told when its lock is others' again: whoever hears of them may take their time.
 */
#ifndef CONTROLLER_EVENT_FEED_H
#define CONTROLLER_EVENT_FEED_H

#include <stddef.h>

#include "lb/abi.h"

struct store;

struct event_feed {
	__u64 seen; /* so many events are no news */
	struct lb_event *events;
	size_t count;
};

/* Whatever has happened so far is no news. */
void event_feed_start(struct event_feed *event_feed, const struct store *store);

/* Copies what has happened since, of an open store. */
void event_feed_collect(struct event_feed *event_feed, const struct store *store);

/* Tells what was collected, one after the other, and forgets it. */
void event_feed_notify(struct event_feed *event_feed,
		       void (*callback)(void *owner, const struct lb_event *event), void *owner);

#endif
