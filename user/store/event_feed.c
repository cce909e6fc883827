// SPDX-License-Identifier: GPL-2.0-only
#include "store/event_feed.h"

#include <stdlib.h>

#include "store/event_log.h"
#include "store/store.h"

void news_begin(struct news *news, const struct store *store)
{
	news->told = event_count(store);
}

void news_collect(struct news *news, const struct store *store)
{
	__u64 number = event_count(store) - news->told;

	if (number > LB_EVENTS)
		number = LB_EVENTS;
	news->count = 0;
	news->events = calloc(number + 1, sizeof(*news->events));
	for (__u64 i = event_count(store) - number; news->events && i < event_count(store); i++)
		news->events[news->count++] = *event_get(store, i);
	news->told = event_count(store);
}

void news_tell(struct news *news, void (*hear)(void *owner, const struct lb_event *event),
	       void *owner)
{
	for (size_t i = 0; i < news->count; i++)
		hear(owner, &news->events[i]);
	free(news->events);
	news->events = NULL;
	news->count = 0;
}
