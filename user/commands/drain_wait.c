// SPDX-License-Identifier: GPL-2.0-only
#include "commands/drain_wait.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/session.h"
#include "store/flow_table.h"

#define POLL_INTERVAL_MS 100

/* What a terminal is shown while it waits: one line, written over and over. */
static struct {
	__u64 started_ms;
	__u64 timeout_ms;
	bool is_enabled;
	bool is_line_open; /* the line has no end yet */
} progress;

static void start_progress(const struct call *call, __u64 timeout_ms)
{
	progress.started_ms = clock_monotonic_ms();
	progress.timeout_ms = timeout_ms;
	progress.is_enabled = !call->output.quiet && !call->output.json && isatty(STDERR_FILENO);
}

static void show_progress(size_t flows)
{
	__u64 elapsed_s = (clock_monotonic_ms() - progress.started_ms) / 1000;

	if (!progress.is_enabled)
		return;
	fprintf(stderr, "\r\033[K%zu flow%s left, %llu s", flows, flows == 1 ? "" : "s", elapsed_s);
	if (progress.timeout_ms != DRAIN_NO_TIMEOUT)
		fprintf(stderr, " of %llu s", (progress.timeout_ms + 999) / 1000);
	progress.is_line_open = true;
}

/* What is said next begins in a line of its own. */
static void end_progress(void)
{
	if (progress.is_line_open)
		fputc('\n', stderr);
	progress.is_line_open = false;
}

/* Shows how many flows are left; EXIT_NO while there are some. */
static int poll_flows(struct call *call, struct store *store)
{
	__u32 service, backend;
	size_t flows;
	int code = session_find_service(call, store, call->arguments[0], &service);

	if (!code)
		code = session_find_backend(call, store, service, call->arguments[1], &backend);
	if (code)
		return code;
	flows = flow_table_count(store, service, backend);
	show_progress(flows);
	if (!flows)
		return EXIT_DONE;
	problem_set(&call->problem, EXIT_TIMEOUT, "not-drained",
		    "no new flows go to '%s'; still alive: %zu", call->arguments[1], flows);
	return EXIT_NO;
}

int drain_wait(struct call *call, __u64 timeout_ms)
{
	const struct timespec pause = {.tv_nsec = POLL_INTERVAL_MS * 1000000L};
	__u64 deadline_ms = clock_monotonic_ms() + timeout_ms;
	int code;

	if (deadline_ms < timeout_ms)
		deadline_ms = DRAIN_NO_TIMEOUT;
	start_progress(call, timeout_ms);
	while ((code = session_run(call, STORE_READ, poll_flows)) == EXIT_NO) {
		if (clock_monotonic_ms() >= deadline_ms)
			break;
		call->problem = (struct problem){0};
		nanosleep(&pause, NULL);
	}
	end_progress();
	return code == EXIT_NO ? EXIT_TIMEOUT : code;
}
