// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <time.h>

#include "base/duration.h"
#include "cli/session.h"
#include "commands/commands.h"
#include "commands/print_events.h"
#include "store/event_log.h"

#define LOOK_EVERY_MS 100

/* Where we are in telling events. */
struct telling {
	const char *name; /* of the service; NULL = all */
	__u64 since_ms;
	__u64 next; /* number */
	size_t told;
};

static __u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (__u64)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_wanted(const struct telling *telling, const struct lb_event *event)
{
	return event && event->time_ms >= telling->since_ms &&
	       (!telling->name || !strcmp(event->name, telling->name));
}

/* Copies what is new; the lock is not held while it is told. */
static size_t collect(struct telling *telling, const struct store *store, struct lb_event *events)
{
	size_t count = 0;

	if (event_count(store) > telling->next + LB_EVENTS)
		telling->next = event_count(store) - LB_EVENTS;
	for (; telling->next < event_count(store); telling->next++)
		if (is_wanted(telling, event_get(store, telling->next)))
			events[count++] = *event_get(store, telling->next);
	return count;
}

static int look(struct call *call, struct telling *telling)
{
	static struct lb_event events[LB_EVENTS];
	struct store store;
	size_t count;
	int code = session_open(call, &store, STORE_READ);

	if (code)
		return code;
	count = collect(telling, &store, events);
	store_close(&store);
	for (size_t i = 0; i < count; i++)
		print_event(&call->output, &events[i], call_flag(call, FLAG_FOLLOW),
			    telling->told++);
	return EXIT_DONE;
}

/* The service need not be there any more, but for its address to be known. */
static int find_name(struct call *call, struct telling *telling, char name[LB_NAME_BYTES])
{
	const char *text = call->arguments[0];
	struct store store;
	__u32 service;
	int code;

	if (!call->argument_count)
		return 0;
	telling->name = text;
	if (!strchr(text, ':'))
		return 0;
	code = session_open(call, &store, STORE_READ);
	if (code)
		return code;
	code = session_service(call, &store, text, &service);
	if (!code)
		telling->name = strcpy(name, store.service[service].name);
	store_close(&store);
	return code;
}

int events_run(struct call *call)
{
	const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
	const char *since = call_flag(call, FLAG_SINCE);
	struct telling telling = {0};
	char name[LB_NAME_BYTES];
	__u64 since_ms = 0;
	int code;

	if (since && duration_parse(since, &since_ms))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-duration",
				   "--since %s: expected a duration such as 10m", since);
	if (since)
		telling.since_ms = now_ms() > since_ms ? now_ms() - since_ms : 0;
	code = find_name(call, &telling, name);
	if (!code)
		code = look(call, &telling);
	while (!code && call_flag(call, FLAG_FOLLOW)) {
		nanosleep(&pause, NULL);
		code = look(call, &telling);
	}
	if (!code)
		print_events_end(&call->output, telling.told);
	return code;
}
