// SPDX-License-Identifier: GPL-2.0-only
#include "cli/sampling.h"

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "cli/session.h"

/* Seconds. */
#define INTERVAL_MIN 0.01
#define INTERVAL_MAX 1e6

/* Removes all services from the view except the one in the call's first argument. */
static int select_service(struct call *call, const struct store *store, struct view *view)
{
	__u32 id;
	int code;

	if (!call->argument_count)
		return 0;
	code = session_find_service(call, store, call->arguments[0], &id);
	for (size_t i = 0; !code && i < view->service_count; i++) {
		struct view_service selected = view->services[i];

		if (selected.id != id)
			continue;
		view->services[i] = view->services[0];
		view->services[0] = selected;
	}
	while (!code && view->service_count > 1)
		free(view->services[--view->service_count].backends);
	return code;
}

int sampling_open_view(struct call *call, struct store *store, struct view *view)
{
	int code = session_open_view(call, store, view);

	if (code)
		return code;
	code = select_service(call, store, view);
	if (!code)
		return EXIT_DONE;
	view_release(view);
	store_close(store);
	return code;
}

double sampling_now(void)
{
	return clock_monotonic_ns() / 1e9;
}

double sampling_seconds(double since, double now)
{
	return now - since > INTERVAL_MIN ? now - since : INTERVAL_MIN;
}

void sampling_pause(const struct sampling *sampling)
{
	const time_t whole = (time_t)sampling->interval;
	const struct timespec pause = {
		.tv_sec = whole,
		.tv_nsec = (long)((sampling->interval - whole) * 1e9),
	};

	nanosleep(&pause, NULL);
}

static int parse_interval(struct call *call, double *interval)
{
	const char *text = call_flag(call, FLAG_INTERVAL);
	char *end;

	if (!text)
		return 0;
	*interval = strtod(text, &end);
	if (end == text || *end || !(*interval >= INTERVAL_MIN && *interval <= INTERVAL_MAX))
		return problem_set(
			&call->problem, EXIT_INVALID, "invalid-number",
			"invalid --interval '%s': expected a number from 0.01 to 1000000", text);
	return 0;
}

int sampling_parse(struct call *call, struct sampling *sampling)
{
	double interval = 1;
	__u64 count = 0;
	int code = parse_interval(call, &interval);

	if (!code)
		code = call_number(call, FLAG_COUNT, "invalid-number", 1, UINT32_MAX, &count);
	*sampling = (struct sampling){.interval = interval, .count = count};
	return code;
}
