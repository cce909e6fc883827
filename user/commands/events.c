// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cli/session.h"
#include "commands/command_functions.h"
#include "commands/print_events.h"
#include "store/event_log.h"

#define POLL_INTERVAL_MS 100

/* Position in the event log. */
struct cursor {
	const char *name; /* of the service; NULL = all */
	__u64 since_ms;
	__u64 next; /* number of the next event */
	size_t printed;
};

static bool matches(const struct cursor *cursor, const struct lb_event *event)
{
	return event && event->time_ms >= cursor->since_ms &&
	       (!cursor->name || !strcmp(event->name, cursor->name));
}

/* Copies new events, because the lock is not held while they are printed. Returns their number. */
static size_t collect(struct cursor *cursor, const struct store *store, struct lb_event *events)
{
	size_t count = 0;

	if (event_log_count(store) > cursor->next + LB_EVENTS)
		cursor->next = event_log_count(store) - LB_EVENTS;
	for (; cursor->next < event_log_count(store); cursor->next++)
		if (matches(cursor, event_log_get(store, cursor->next)))
			events[count++] = *event_log_get(store, cursor->next);
	return count;
}

static int poll_events(struct call *call, struct cursor *cursor)
{
	static struct lb_event events[LB_EVENTS];
	struct store store;
	size_t count;
	int code = session_open(call, &store, STORE_READ);

	if (code)
		return code;
	count = collect(cursor, &store, events);
	store_close(&store);
	for (size_t i = 0; i < count; i++)
		print_event(&call->output, &events[i], call_flag(call, FLAG_FOLLOW),
			    cursor->printed++);
	return EXIT_DONE;
}

/* A deleted service can still be named, but not by its VIP, which needs a lookup. */
static int resolve_service(struct call *call, struct cursor *cursor, char name[LB_NAME_BYTES])
{
	const char *text = call->arguments[0];
	struct store store;
	__u32 service;
	int code;

	if (!call->argument_count)
		return 0;
	cursor->name = text;
	if (!strchr(text, ':'))
		return 0;
	code = session_open(call, &store, STORE_READ);
	if (code)
		return code;
	code = session_find_service(call, &store, text, &service);
	if (!code)
		cursor->name = strcpy(name, store.config.service[service].name);
	store_close(&store);
	return code;
}

int cmd_events(struct call *call)
{
	const struct timespec pause = {.tv_nsec = POLL_INTERVAL_MS * 1000000L};
	__u64 now_ms = clock_realtime_ms(), age_ms = now_ms;
	struct cursor cursor = {0};
	char name[LB_NAME_BYTES];
	int code = call_duration(call, FLAG_SINCE, "invalid-duration", &age_ms);

	cursor.since_ms = now_ms > age_ms ? now_ms - age_ms : 0;
	if (!code)
		code = resolve_service(call, &cursor, name);
	if (!code)
		code = poll_events(call, &cursor);
	while (!code && call_flag(call, FLAG_FOLLOW)) {
		nanosleep(&pause, NULL);
		code = poll_events(call, &cursor);
	}
	if (!code)
		print_events_end(&call->output, cursor.printed);
	return code;
}
