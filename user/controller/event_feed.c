// SPDX-License-Identifier: GPL-2.0-only
#include "controller/event_feed.h"

#include <stdlib.h>

#include "store/event_log.h"
#include "store/store.h"

void event_feed_start(struct event_feed *event_feed, const struct store *store)
{
	event_feed->seen = event_log_count(store);
}

void event_feed_collect(struct event_feed *event_feed, const struct store *store)
{
	__u64 number = event_log_count(store) - event_feed->seen;

	if (number > LB_EVENTS)
		number = LB_EVENTS;
	event_feed->count = 0;
	event_feed->events = calloc(number + 1, sizeof(*event_feed->events));
	for (__u64 i = event_log_count(store) - number;
	     event_feed->events && i < event_log_count(store); i++)
		event_feed->events[event_feed->count++] = *event_log_get(store, i);
	event_feed->seen = event_log_count(store);
}

void event_feed_notify(struct event_feed *event_feed,
		       void (*callback)(void *owner, const struct lb_event *event), void *owner)
{
	for (size_t i = 0; i < event_feed->count; i++)
		callback(owner, &event_feed->events[i]);
	free(event_feed->events);
	event_feed->events = NULL;
	event_feed->count = 0;
}
