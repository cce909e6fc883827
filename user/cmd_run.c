// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "controller.h"
#include "report.h"
#include "session.h"
#include "store.h"

static void log_event(void *owner, const struct lb_event *event)
{
	const struct call *call = owner;

	if (!call->globals.quiet)
		report_event_line(stderr, event);
}

static void log_trouble(void *owner, const char *what, int error)
{
	(void)owner;
	if (error < 0)
		fprintf(stderr, "lbctl: run: %s: %s\n", what, strerror(-error));
	else
		fprintf(stderr, "lbctl: run: %s: condition %d\n", what, error);
}

static int another(struct call *call)
{
	problem_set(&call->problem, EXIT_CONFLICT, "controller-running",
		    "instance '%s' has a controller already", call->globals.instance);
	problem_hint(&call->problem, "lbctl status");
	return call->problem.code;
}

/* With --dry-run: could it open the store? */
static int look(struct call *call, struct store *store)
{
	(void)call, (void)store;
	return EXIT_DONE;
}

int run_run(struct call *call)
{
	const struct controller_ears ears = {call, log_event, log_trouble};
	int end;

	if (call->globals.dry_run)
		return session_run(call, STORE_READ, look);
	signal(SIGPIPE, SIG_IGN); /* a log that nobody reads, a target that hangs up */
	/* What a service manager gave to us is not for the commands of checks. */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	end = controller_run(call->globals.instance, &ears);
	switch (end) {
	case CONTROLLER_STOPPED:
		return EXIT_DONE;
	case CONTROLLER_DETACHED:
		fprintf(stderr, "lbctl: run: instance '%s' was detached: nothing is left to do\n",
			call->globals.instance);
		return EXIT_DONE;
	case STORE_LOCKED:
		return another(call);
	default:
		return session_store_problem(call, end, "the controller");
	}
}
