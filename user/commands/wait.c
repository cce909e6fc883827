// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <time.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/duration.h"
#include "cli/session.h"
#include "commands/commands.h"
#include "store/flow_table.h"

#define POLL_INTERVAL_MS 100
#define NO_TIMEOUT	 (~0ULL)

static int find(struct call *call, const struct store *store, __u32 *service, __u32 *backend)
{
	int code = session_find_service(call, store, call->arguments[0], service);

	*backend = 0;
	if (!code && call->argument_count > 1)
		code = session_find_backend(call, store, *service, call->arguments[1], backend);
	return code;
}

/* Is it a backend that is asked for, and to be waited for? */
static bool is_selected(const struct lb_backend_config *config, __u32 id, __u32 service,
			__u32 backend)
{
	if (backend)
		return id == backend;
	return config->service == service && !config->alias_of && config->state == LB_STATE_READY;
}

static int poll_health(struct call *call, struct store *store)
{
	__u32 service, backend;
	size_t selected = 0, up = 0;
	int code = find(call, store, &service, &backend);

	if (code)
		return code;
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (is_selected(&store->backend[id], id, service, backend)) {
			selected++;
			up += store->backend[id].health == LB_HEALTH_UP;
		}
	if (selected && up == selected)
		return EXIT_DONE;
	problem_set(&call->problem, EXIT_TIMEOUT, "not-healthy", "%zu of %zu backends are up", up,
		    selected);
	problem_hint(&call->problem, "lbctl events %s", call->arguments[0]);
	return EXIT_NO;
}

static int poll_flows(struct call *call, struct store *store)
{
	__u32 service, backend;
	size_t flows;
	int code = find(call, store, &service, &backend);

	if (code)
		return code;
	flows = flow_table_count(store, service, backend);
	if (!flows)
		return EXIT_DONE;
	problem_set(&call->problem, EXIT_TIMEOUT, "not-drained", "still alive: %zu flow%s", flows,
		    flows == 1 ? "" : "s");
	problem_hint(&call->problem, "lbctl flow list --service %s", call->arguments[0]);
	return EXIT_NO;
}

/* Who is never checked is never healthy. */
static int require_check(struct call *call, struct store *store)
{
	__u32 service, backend;
	int code = find(call, store, &service, &backend);

	if (code || store->service[service].check[0])
		return code;
	problem_set(&call->problem, EXIT_INVALID, "no-check", "service '%s' has no check",
		    store->service[service].name);
	problem_hint(&call->problem, "lbctl service set %s --check tcp", call->arguments[0]);
	return call->problem.code;
}

static int wait_for(struct call *call, session_fn poll_fn, __u64 timeout_ms)
{
	const struct timespec pause = {.tv_nsec = POLL_INTERVAL_MS * 1000000L};
	__u64 started_ms = clock_monotonic_ms();
	int code;

	while ((code = session_run(call, STORE_READ, poll_fn)) == EXIT_NO) {
		if (clock_monotonic_ms() - started_ms >= timeout_ms)
			return EXIT_TIMEOUT;
		call->problem = (struct problem){0};
		nanosleep(&pause, NULL);
	}
	return code;
}

int cmd_wait(struct call *call)
{
	const char *what = call_flag(call, FLAG_FOR), *timeout = call_flag(call, FLAG_TIMEOUT);
	__u64 timeout_ms = NO_TIMEOUT;
	int code = 0;

	if (!what)
		return problem_set(&call->problem, EXIT_USAGE, "bad-flag",
				   "--for is missing: healthy or drained");
	if (strcmp(what, "healthy") && strcmp(what, "drained"))
		return problem_choice(&call->problem, "invalid-flag", "--for", what,
				      "healthy or drained");
	if (timeout && duration_parse(timeout, &timeout_ms))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-duration",
				   "--timeout %s: expected a duration such as 30s", timeout);
	if (!strcmp(what, "drained"))
		return wait_for(call, poll_flows, timeout_ms);
	code = session_run(call, STORE_READ, require_check);
	return code ? code : wait_for(call, poll_health, timeout_ms);
}
