// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "commands/command_functions.h"
#include "commands/drain_wait.h"

/* Must the backend be up? One that is given by name must, else every ready one of the service. */
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
	int code = session_find_arguments(call, store, &service, &backend);

	if (code)
		return code;
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (is_selected(&store->config.backend[id], id, service, backend)) {
			selected++;
			up += store->config.backend[id].health == LB_HEALTH_UP;
		}
	if (selected && up == selected)
		return EXIT_DONE;
	problem_set(&call->problem, EXIT_TIMEOUT, "not-healthy",
		    "not healthy: %zu of %zu backends are up", up, selected);
	problem_hint(&call->problem, "lbctl events %s", call->arguments[0]);
	return EXIT_NO;
}

static int require_check(struct call *call, struct store *store)
{
	__u32 service, backend;
	int code = session_find_arguments(call, store, &service, &backend);

	return code ? code : session_require_check(call, store, service);
}

int cmd_wait(struct call *call)
{
	const char *condition = call_flag(call, FLAG_FOR);
	__u64 timeout_ms = WAIT_NO_TIMEOUT;
	int code;

	if (!condition)
		return problem_set(&call->problem, EXIT_USAGE, "bad-flag",
				   "missing --for: expected healthy or drained");
	if (strcmp(condition, "healthy") && strcmp(condition, "drained"))
		return problem_choice(&call->problem, "invalid-flag", "--for", condition,
				      "healthy or drained");
	code = call_duration(call, FLAG_TIMEOUT, "invalid-duration", &timeout_ms);
	if (code)
		return code;
	if (!strcmp(condition, "drained"))
		return drain_wait(call, timeout_ms);
	code = session_run(call, STORE_READ, require_check);
	return code ? code : wait_until(call, poll_health, timeout_ms);
}
