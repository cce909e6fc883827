// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <time.h>

#include "report.h"
#include "session.h"

static int status(struct call *call, const struct store *store, const struct view *view)
{
	(void)store;
	report_of(call)->status(call, view);
	return call_flag(call, "strict") && view_is_degraded(view) ? EXIT_NO : EXIT_DONE;
}

int status_run(struct call *call)
{
	return session_see(call, status);
}

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

/*
 * Takes a sample and reports it, or what it gained on the one before. The lock is
 * not held between samples: of the one before only ids and counters are used.
 */
static int sample(struct call *call, const struct view *before, struct view *view, double seconds,
		  bool silent)
{
	struct store store;
	int code = session_view(call, &store, view);

	if (code)
		return code;
	code = narrow(call, &store, view);
	if (!code && !silent)
		report_of(call)->stats(call, view, before, seconds);
	if (code)
		view_release(view);
	store_close(&store);
	return code;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static int watch(struct call *call, double interval, unsigned long count)
{
	const struct timespec pause = {
		.tv_sec = (time_t)interval,
		.tv_nsec = (long)((interval - (time_t)interval) * 1e9),
	};
	struct view before, now;
	double then = seconds_now();
	int code = sample(call, NULL, &before, 1, true);

	if (code)
		return code;
	for (unsigned long i = 0; !code && (!count || i < count); i++) {
		nanosleep(&pause, NULL);
		double time = seconds_now();

		code = sample(call, &before, &now, time - then, false);
		if (code)
			break;
		view_release(&before);
		before = now;
		then = time;
	}
	view_release(&before);
	return code;
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

int stats_run(struct call *call)
{
	double interval = 1, count = 0;
	struct view view;
	int code = parse_number(call, "interval", 0.01, false, &interval);

	if (!code)
		code = parse_number(call, "count", 1, true, &count);
	if (code)
		return code;
	if (call_flag(call, "interval") || call_flag(call, "count"))
		return watch(call, interval, count);
	code = sample(call, NULL, &view, 1, false);
	if (!code)
		view_release(&view);
	return code;
}
