// SPDX-License-Identifier: GPL-2.0-only
#include "drain.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "flow_table.h"
#include "session.h"

#define LOOK_EVERY_MS 100

static __u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (__u64)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void show_progress(const struct call *call, size_t flows)
{
	if (!call->globals.quiet && !call->globals.json && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%zu flows left   %s", flows, flows ? "" : "\n");
}

/* Shows how many flows are left; EXIT_NO while there are some. */
static int look(struct call *call, struct store *store)
{
	__u32 service, backend;
	size_t flows;
	int code = session_service(call, store, call->arguments[0], &service);

	if (!code)
		code = session_backend(call, store, service, call->arguments[1], &backend);
	if (code)
		return code;
	flows = flow_table_alive(store, service, backend);
	show_progress(call, flows);
	if (!flows)
		return EXIT_DONE;
	problem_set(&call->problem, EXIT_TIMEOUT, "still-draining",
		    "no new flows go to '%s'; still alive: %zu", call->arguments[1], flows);
	return EXIT_NO;
}

int drain_wait(struct call *call, __u64 timeout_ms)
{
	const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
	__u64 deadline_ms = now_ms() + timeout_ms;
	int code;

	if (deadline_ms < timeout_ms)
		deadline_ms = DRAIN_FOREVER;
	while ((code = session_run(call, STORE_READ, look)) == EXIT_NO) {
		if (now_ms() >= deadline_ms)
			return EXIT_TIMEOUT;
		call->problem = (struct problem){0};
		nanosleep(&pause, NULL);
	}
	return code;
}
