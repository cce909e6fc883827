// SPDX-License-Identifier: GPL-2.0-only
#include "cli/sampling.h"

#include <stdlib.h>
#include <time.h>

#include "cli/session.h"

/* Leaves nothing of the view but the service that was asked for. */
static int narrow(struct call *call, const struct store *store, struct view *view)
{
	__u32 id;
	int code;

	if (!call->argument_count)
		return 0;
	code = session_service(call, store, call->arguments[0], &id);
	for (size_t i = 0; !code && i < view->service_count; i++) {
		struct view_service kept = view->services[i];

		if (kept.id != id)
			continue;
		view->services[i] = view->services[0];
		view->services[0] = kept;
	}
	while (!code && view->service_count > 1)
		free(view->services[--view->service_count].backends);
	return code;
}

int sampling_view(struct call *call, struct store *store, struct view *view)
{
	int code = session_view(call, store, view);

	if (code)
		return code;
	code = narrow(call, store, view);
	if (!code)
		return EXIT_DONE;
	view_release(view);
	store_close(store);
	return code;
}

double sampling_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
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

static int parse_number(struct call *call, const char *flag, double least, bool whole,
			double *value)
{
	const char *text = call_flag(call, flag);
	char *end;

	if (!text)
		return 0;
	*value = strtod(text, &end);
	if (end == text || *end || !(*value >= least && *value <= 1e6))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-number",
				   "--%s %s: expected a number from %g", flag, text, least);
	if (whole && *value != (unsigned long)*value)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-number",
				   "--%s %s: expected a whole number", flag, text);
	return 0;
}

int sampling_parse(struct call *call, struct sampling *sampling)
{
	double interval = 1, count = 0;
	int code = parse_number(call, "interval", 0.01, false, &interval);

	if (!code)
		code = parse_number(call, "count", 1, true, &count);
	*sampling = (struct sampling){.interval = interval, .count = (unsigned long)count};
	return code;
}
