// SPDX-License-Identifier: GPL-2.0-only
#include "cli/sampling.h"
#include "cli/session.h"
#include "commands/command_functions.h"
#include "view/print.h"

static int status(struct call *call, const struct store *store, const struct view *view)
{
	(void)store;
	print_status(&call->output, view, call->globals.instance);
	return call_flag(call, FLAG_STRICT) && view_is_degraded(view) ? EXIT_NO : EXIT_DONE;
}

int cmd_status(struct call *call)
{
	return session_run_view(call, status);
}

/*
 * Takes a sample and prints it, as rates if there is a previous one. The lock is not held between
 * samples, so only ids and counters of the previous one are valid.
 */
static int sample(struct call *call, const struct view *before, struct view *view, double seconds,
		  bool is_silent)
{
	struct store store;
	int code = sampling_open_view(call, &store, view);

	if (code)
		return code;
	if (!is_silent)
		print_stats(&call->output, view, before, seconds);
	store_close(&store);
	return EXIT_DONE;
}

static int run_samples(struct call *call, const struct sampling *sampling)
{
	struct view before, now;
	double sampled_at = sampling_now();
	int code = sample(call, NULL, &before, 1, true);

	if (code)
		return code;
	for (unsigned long i = 0; !code && (!sampling->count || i < sampling->count); i++) {
		double time;

		sampling_pause(sampling);
		time = sampling_now();
		code = sample(call, &before, &now, sampling_seconds(sampled_at, time), false);
		if (code)
			break;
		view_release(&before);
		before = now;
		sampled_at = time;
	}
	view_release(&before);
	return code;
}

int cmd_stats(struct call *call)
{
	struct sampling sampling;
	struct view view;
	int code = sampling_parse(call, &sampling);

	if (code)
		return code;
	if (call_flag(call, FLAG_INTERVAL) || call_flag(call, FLAG_COUNT))
		return run_samples(call, &sampling);
	code = sample(call, NULL, &view, 1, false);
	if (!code)
		view_release(&view);
	return code;
}
