/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * News: the events that somebody has not heard of yet. They are copied while the store is
 * open, and told when its lock is others' again: whoever hears of them may take their time.
 */
#ifndef STORE_EVENT_FEED_H
#define STORE_EVENT_FEED_H

#include <stddef.h>

#include "lb/abi.h"

struct store;

struct news {
	__u64 told; /* so many events are no news */
	struct lb_event *events;
	size_t count;
};

/* Whatever has happened so far is no news. */
void news_begin(struct news *news, const struct store *store);

/* Copies what has happened since, of an open store. */
void news_collect(struct news *news, const struct store *store);

/* Tells what was collected, one after the other, and forgets it. */
void news_tell(struct news *news, void (*hear)(void *owner, const struct lb_event *event),
	       void *owner);

#endif
