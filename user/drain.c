// SPDX-License-Identifier: GPL-2.0-only
#include "drain.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "flow_table.h"
#include "session.h"

#define LOOK_EVERY_MS 100

static int count_flows(struct call *call, size_t *flows)
{
	struct store store;
	__u32 service, backend;
	int code = session_open(call, &store, STORE_READ);

	if (code)
		return code;
	code = session_service(call, &store, call->arguments[0], &service);
	if (!code)
		code = session_backend(call, &store, service, call->arguments[1], &backend);
	if (!code)
		*flows = flow_table_alive(&store, service, backend);
	store_close(&store);
	return code;
}

static void show_progress(const struct call *call, size_t flows)
{
	if (!call->globals.quiet && !call->globals.json && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%zu flows left   %s", flows, flows ? "" : "\n");
}

int drain_wait(struct call *call, __u64 timeout_ms)
{
	const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
	size_t flows = 0;

	for (__u64 waited_ms = 0;; waited_ms += LOOK_EVERY_MS) {
		int code = count_flows(call, &flows);

		if (code)
			return code;
		show_progress(call, flows);
		if (!flows)
			return EXIT_DONE;
		if (waited_ms >= timeout_ms)
			break;
		nanosleep(&pause, NULL);
	}
	return problem_set(&call->problem, EXIT_TIMEOUT, "still-draining",
			   "no new flows go to '%s'; still alive: %zu", call->arguments[1], flows);
}
