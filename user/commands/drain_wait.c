// SPDX-License-Identifier: GPL-2.0-only
#include "commands/drain_wait.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/flow_table.h"

/* Progress on a terminal: one line, which is overwritten. */
static struct {
	__u64 started_ms;
	__u64 timeout_ms;
	bool is_enabled;
	bool is_line_open; /* the line feed is still missing */
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
	if (progress.timeout_ms != WAIT_NO_TIMEOUT)
		fprintf(stderr, " of %llu s", (progress.timeout_ms + 999) / 1000);
	progress.is_line_open = true;
}

static void end_progress(void)
{
	if (progress.is_line_open)
		fputc('\n', stderr);
	progress.is_line_open = false;
}

static void set_not_drained(struct call *call, size_t flows)
{
	const char *service = call->arguments[0];

	problem_set(&call->problem, EXIT_TIMEOUT, "not-drained", "not drained: %zu active flow%s",
		    flows, flows == 1 ? "" : "s");
	problem_hint(&call->problem, "lbctl flow list --service %s", service);
	if (call->argument_count > 1)
		problem_hint(&call->problem, "lbctl flow list --service %s --backend %s", service,
			     call->arguments[1]);
}

static int poll_flows(struct call *call, struct store *store)
{
	__u32 service, backend;
	size_t flows;
	int code = session_find_arguments(call, store, &service, &backend);

	if (code)
		return code;
	flows = flow_table_count(store, service, backend);
	show_progress(flows);
	if (!flows)
		return EXIT_DONE;
	set_not_drained(call, flows);
	return EXIT_NO;
}

int drain_wait(struct call *call, __u64 timeout_ms)
{
	int code;

	start_progress(call, timeout_ms);
	code = wait_until(call, poll_flows, timeout_ms);
	end_progress();
	return code;
}
