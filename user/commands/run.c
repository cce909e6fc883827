// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "cli/session.h"
#include "cli/store_problem.h"
#include "commands/command_functions.h"
#include "commands/print_events.h"
#include "controller/controller.h"
#include "store/controller_lock.h"
#include "store/store.h"
#include "web/server.h"

struct run {
	struct call *call;
	struct endpoint addresses[WEB_LISTEN_MAX]; /* of --listen */
	size_t address_count;
	struct web_server *web_server; /* NULL without --listen */
};

/* --- callbacks of the controller ---------------------------------------------- */

static void log_event(void *owner, const struct lb_event *event)
{
	const struct run *run = owner;

	if (!run->call->output.quiet)
		print_event_line(stderr, event);
}

static void log_failure(void *owner, const char *what, int error)
{
	const struct run *run = owner;
	struct call failed = {.globals = run->call->globals};

	store_problem(&failed, error, what);
	fprintf(stderr, "lbctl: run: %s\n", failed.problem.message);
	web_server_failed(run->web_server, failed.problem.message);
}

static void ticked(void *owner, bool is_ready)
{
	const struct run *run = owner;

	web_server_ticked(run->web_server, is_ready);
}

/* --- the web server ----------------------------------------------------------- */

static void listen_problem(struct problem *problem, const struct endpoint *listener, int error)
{
	char address_text[ENDPOINT_TEXT_BYTES];

	endpoint_format(listener->address, listener->port, address_text, sizeof(address_text));
	switch (error) {
	case -EADDRINUSE:
		problem_set(problem, EXIT_CONFLICT, "address-in-use",
			    "--listen %s: address in use by another program", address_text);
		problem_hint(problem, "ss -ltnp sport = %u", ntohs(listener->port));
		return;
	case -EADDRNOTAVAIL:
		problem_set(problem, EXIT_INVALID, "no-such-address",
			    "--listen %s: not an address of this host", address_text);
		problem_hint(problem, "ip address");
		return;
	default:
		problem_system(problem, error, "--listen %s", address_text);
	}
}

static int start_server(void *owner, struct loop *loop)
{
	struct run *run = owner;
	int error;

	if (!run->address_count)
		return 0;
	error = web_server_open(&run->web_server, loop, run->call->globals.instance);
	for (size_t i = 0; !error && i < run->address_count; i++) {
		error = web_server_listen(run->web_server, &run->addresses[i]);
		if (error)
			listen_problem(&run->call->problem, &run->addresses[i], error);
	}
	return error;
}

static void stop_server(void *owner)
{
	struct run *run = owner;

	web_server_close(run->web_server);
	run->web_server = NULL;
}

static int invalid_listen(struct call *call, const char *text)
{
	return problem_set(&call->problem, EXIT_INVALID, "invalid-listen",
			   "invalid --listen '%s': expected ADDR:PORT or [ADDR]:PORT, at most %d, "
			   "separated by commas",
			   text, WEB_LISTEN_MAX);
}

static int parse_listen(struct run *run)
{
	const char *text = call_flag(run->call, FLAG_LISTEN), *rest = text;

	while (rest) {
		struct endpoint *listener = &run->addresses[run->address_count];
		size_t length = strcspn(rest, ",");
		char word[ENDPOINT_TEXT_BYTES];
		bool has_port;

		if (run->address_count == WEB_LISTEN_MAX || length >= sizeof(word))
			return invalid_listen(run->call, text);
		memcpy(word, rest, length);
		word[length] = 0;
		if (endpoint_parse(word, listener, &has_port) || !has_port || !listener->port ||
		    listener->protocol)
			return invalid_listen(run->call, text);
		run->address_count++;
		rest = rest[length] ? rest + length + 1 : NULL;
	}
	return 0;
}

/* --- the command ---------------------------------------------------------------- */

static int already_running(struct call *call)
{
	problem_set(&call->problem, EXIT_CONFLICT, "controller-running",
		    "instance '%s' already has a controller", call->globals.instance);
	problem_hint(&call->problem, "lbctl status");
	return call->problem.code;
}

/* For --dry-run: fails if there is a controller. */
static int check_not_running(struct call *call, struct store *store)
{
	return store_controller_pid(store) ? already_running(call) : EXIT_DONE;
}

int cmd_run(struct call *call)
{
	struct run run = {.call = call};
	const struct controller_callbacks callbacks = {
		.owner = &run,
		.started = start_server,
		.stopping = stop_server,
		.ticked = ticked,
		.event = log_event,
		.report_failure = log_failure,
	};
	int result, code = parse_listen(&run);

	if (code)
		return code;
	if (call->globals.dry_run)
		return session_run(call, STORE_READ, check_not_running);
	signal(SIGPIPE, SIG_IGN); /* a log without a reader, a target that closes */
	/* Commands of exec checks must not inherit the capabilities of the service unit. */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	result = controller_run(call->globals.instance, &callbacks);
	if (call->problem.code)
		return call->problem.code;
	switch (result) {
	case CONTROLLER_STOPPED:
		return EXIT_DONE;
	case CONTROLLER_DETACHED:
		fprintf(stderr, "lbctl: run: instance '%s' was detached; the controller ends\n",
			call->globals.instance);
		return EXIT_DONE;
	case STORE_LOCKED:
		return already_running(call);
	default:
		return store_problem(call, result, "the controller");
	}
}
