// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "cli/session.h"
#include "commands/commands.h"
#include "commands/print_events.h"
#include "controller/controller.h"
#include "store/store.h"
#include "web/server.h"

struct run {
	struct call *call;
	struct endpoint places[SITE_PLACES_MAX]; /* to listen at */
	size_t place_count;
	struct site *site; /* NULL: it listens nowhere */
};

/* --- what the controller tells ------------------------------------------------ */

static void log_event(void *owner, const struct lb_event *event)
{
	const struct run *run = owner;

	if (!run->call->output.quiet)
		print_event_line(stderr, event);
}

static void log_trouble(void *owner, const char *what, int error)
{
	const struct run *run = owner;
	char why[64];

	if (error < 0)
		snprintf(why, sizeof(why), "%s", strerror(-error));
	else
		snprintf(why, sizeof(why), "condition %d", error);
	fprintf(stderr, "lbctl: run: %s: %s\n", what, why);
	site_troubled(run->site, what, why);
}

static void turned(void *owner, bool is_ready)
{
	const struct run *run = owner;

	site_turned(run->site, is_ready);
}

/* --- where it listens --------------------------------------------------------- */

static void cannot_listen(struct problem *problem, const struct endpoint *at, int error)
{
	char where[ENDPOINT_TEXT_BYTES];

	endpoint_format(at->address, at->port, where, sizeof(where));
	switch (error) {
	case -EADDRINUSE:
		problem_set(problem, EXIT_CONFLICT, "address-in-use",
			    "--listen %s: something else listens there already", where);
		problem_hint(problem, "ss -ltnp sport = %u", ntohs(at->port));
		return;
	case -EADDRNOTAVAIL:
		problem_set(problem, EXIT_INVALID, "no-such-address",
			    "--listen %s: this host has no such address", where);
		problem_hint(problem, "ip address");
		return;
	default:
		problem_system(problem, error, "--listen %s", where);
	}
}

static int begin_site(void *owner, struct loop *loop)
{
	struct run *run = owner;
	int error;

	if (!run->place_count)
		return 0;
	error = site_open(&run->site, loop, run->call->globals.instance);
	for (size_t i = 0; !error && i < run->place_count; i++) {
		error = site_listen(run->site, &run->places[i]);
		if (error)
			cannot_listen(&run->call->problem, &run->places[i], error);
	}
	return error;
}

static void end_site(void *owner)
{
	struct run *run = owner;

	site_close(run->site);
	run->site = NULL;
}

static int bad_place(struct call *call, const char *text)
{
	return problem_set(&call->problem, EXIT_INVALID, "invalid-listen",
			   "--listen %s: expected ADDR:PORT or [ADDR]:PORT, up to %d of them with "
			   "commas between",
			   text, SITE_PLACES_MAX);
}

static int parse_places(struct run *run)
{
	const char *text = call_flag(run->call, FLAG_LISTEN), *rest = text;

	while (rest) {
		struct endpoint *at = &run->places[run->place_count];
		size_t length = strcspn(rest, ",");
		char word[ENDPOINT_TEXT_BYTES];
		bool has_port;

		if (run->place_count == SITE_PLACES_MAX || length >= sizeof(word))
			return bad_place(run->call, text);
		memcpy(word, rest, length);
		word[length] = 0;
		if (endpoint_parse(word, at, &has_port) || !has_port || !at->port || at->protocol)
			return bad_place(run->call, text);
		run->place_count++;
		rest = rest[length] ? rest + length + 1 : NULL;
	}
	return 0;
}

/* --- the command ---------------------------------------------------------------- */

static int another(struct call *call)
{
	problem_set(&call->problem, EXIT_CONFLICT, "controller-running",
		    "instance '%s' has a controller already", call->globals.instance);
	problem_hint(&call->problem, "lbctl status");
	return call->problem.code;
}

/* With --dry-run: could it begin? */
static int look(struct call *call, struct store *store)
{
	return store_controller(store) ? another(call) : EXIT_DONE;
}

int run_run(struct call *call)
{
	struct run run = {.call = call};
	const struct controller_ears ears = {
		.owner = &run,
		.begun = begin_site,
		.ended = end_site,
		.turned = turned,
		.event = log_event,
		.trouble = log_trouble,
	};
	int end, code = parse_places(&run);

	if (code)
		return code;
	if (call->globals.dry_run)
		return session_run(call, STORE_READ, look);
	signal(SIGPIPE, SIG_IGN); /* a log that nobody reads, a target that hangs up */
	/* What a service manager gave to us is not for the commands of checks. */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	end = controller_run(call->globals.instance, &ears);
	if (call->problem.code)
		return call->problem.code;
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
