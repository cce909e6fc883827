// SPDX-License-Identifier: GPL-2.0-only
/* Everything as a file says, or nothing: apply, confirm. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "cli/answer.h"
#include "cli/session.h"
#include "cli/xdp_errors.h"
#include "config/apply.h"
#include "config/cmd_config.h"
#include "config/commands.h"
#include "config/commit_confirm.h"

_Static_assert(CONFIG_INTERFACES_MAX <= VERB_ARGUMENTS_MAX, "all can be attached at once");

/* What apply does, from its beginning to its end. */
struct applying {
	struct call *call;
	struct config config;
	struct confirm confirm; /* its interfaces are those that were attached here */
	bool is_new; /* there was no instance */
};

/* A command of its own, as if it had been typed; its problem becomes ours. */
static int run(struct applying *applying, struct call *other)
{
	int code = other->verb->run(other);

	if (code)
		applying->call->problem = other->problem;
	return code;
}

/* What an instance is made with; one that is there has them. */
static void add_limits(const struct config *config, struct call *attach)
{
	for (size_t i = 0; i < CONFIG_LIMITS; i++)
		call_set_flag(attach, flag_named(config_limits[i]), config->limits[i]);
	call_set_flag(attach, FLAG_HASH_KEY, config->hash_key);
}

/* Those of one mode that are not attached yet. */
static int attach_mode(struct applying *applying, const char *mode,
		       const struct datapath_interface *interfaces, size_t count)
{
	struct config *config = &applying->config;
	struct call attach = call_inner(applying->call, "attach");
	size_t begin = applying->confirm.interface_count;
	int code;

	for (size_t i = 0; i < config->interface_count; i++) {
		struct config_interface *wanted = &config->interfaces[i];

		if (strcmp(wanted->mode, mode) || cmd_config_attached(interfaces, count, wanted))
			continue;
		attach.arguments[attach.argument_count++] = wanted->name;
		applying->confirm.interfaces[applying->confirm.interface_count++] = wanted->name;
	}
	if (!attach.argument_count)
		return 0;
	call_set_flag(&attach, FLAG_MODE, mode);
	if (applying->is_new)
		add_limits(config, &attach);
	code = run(applying, &attach);
	if (code)
		applying->confirm.interface_count = begin;
	return code;
}

static int attach_all(struct applying *applying)
{
	static const char *const modes[] = {"auto", "native", "generic"};
	const char *instance = applying->call->globals.instance;
	_free_ struct datapath_interface *interfaces = NULL;
	size_t count = 0;
	int error, code = 0;

	applying->is_new = !datapath_exists(instance);
	error = applying->is_new ? 0 : datapath_interfaces(instance, &interfaces, &count);
	if (error)
		return host_problem(applying->call, error, "reading the links");
	for (size_t i = 0; !code && i < sizeof(modes) / sizeof(modes[0]); i++)
		code = attach_mode(applying, modes[i], interfaces, count);
	return code;
}

/* What was attached on the way is taken off again. */
static int undo(struct applying *applying)
{
	struct call detach = call_inner(applying->call, "detach");
	struct problem problem = applying->call->problem;

	if (applying->call->globals.dry_run || !applying->confirm.interface_count)
		return problem.code;
	detach.argument_count = applying->confirm.interface_count;
	memcpy(detach.arguments, applying->confirm.interfaces, sizeof(detach.arguments));
	call_set_flag(&detach, FLAG_FORCE, "");
	if (run(applying, &detach))
		return problem_set(&applying->call->problem, EXIT_ROLLBACK, "rollback-failed",
				   "interfaces stay attached although applying failed: %s",
				   problem.message);
	applying->call->problem = problem;
	return problem.code;
}

static int refuse_pending(struct call *call, const struct store *store)
{
	if (!confirm_awaited(store))
		return 0;
	problem_set(&call->problem, EXIT_CONFLICT, "confirmation-awaited",
		    "what was applied before awaits a confirmation");
	problem_hint(&call->problem, "lbctl confirm");
	return call->problem.code;
}

/* The limits of an instance are set when it is made, and stay. */
static int refuse_limits(struct applying *applying, const struct store *store)
{
	struct problem *problem = &applying->call->problem;

	for (size_t i = 0; i < CONFIG_LIMITS; i++) {
		const char *wanted = applying->config.limits[i];
		__u64 limit = config_limit(store->control, i);
		__u64 each = i == 2 ? LB_BUCKET_FLOWS : i == 4 ? LB_BUCKET_CLIENTS : 1;

		if (!wanted || (strtoull(wanted, NULL, 10) + each - 1) / each * each == limit)
			continue;
		problem_set(problem, EXIT_CONFLICT, "limits-differ",
			    "%s: %s, but instance '%s' was attached with %llu", config_limits[i],
			    wanted, applying->call->globals.instance, limit);
		problem_hint(problem, "lbctl detach");
		return problem->code;
	}
	return 0;
}

/* Who is to put it back is there before there is anything to put back. */
static int await_confirmation(struct applying *applying, struct store *store)
{
	struct call *call = applying->call;
	int error = confirm_begin(call, store, &applying->confirm);

	return error ? problem_system(&call->problem, error, "waiting for a confirmation") : 0;
}

static int commit(struct applying *applying, struct store *store, bool *changed)
{
	struct call *call = applying->call;
	bool is_new = applying->confirm.interface_count != 0, waits;
	int error, code = 0;

	*changed = store_differs(store) || is_new;
	if (call->globals.dry_run)
		return 0;
	waits = *changed && applying->confirm.within_ms;
	if (waits)
		code = await_confirmation(applying, store);
	if (code)
		return code;
	error = store_commit(store, changed);
	*changed |= is_new;
	if (waits && (error || !*changed))
		confirm_given(store);
	return error ? session_store_problem(call, error, "publishing the change") : 0;
}

static __u32 limit_or(const struct config *config, size_t limit, __u32 usual)
{
	return config->limits[limit] ? strtoul(config->limits[limit], NULL, 10) : usual;
}

/* With --dry-run an instance that is still to be made is an imagined one. */
static int open_store(struct applying *applying, struct store *store)
{
	const struct config *config = &applying->config;
	const struct lb_control limits = {
		.max_services = limit_or(config, 0, LB_SERVICES_DEFAULT) + 1,
		.max_backends = limit_or(config, 1, LB_BACKENDS_DEFAULT) + 1,
		.max_sources = limit_or(config, 3, LB_SOURCES_DEFAULT),
	};
	int error;

	if (!applying->call->globals.dry_run || !applying->is_new || !config->interface_count)
		return session_open(applying->call, store, STORE_WRITE);
	error = store_blank(store, &limits);
	return error ? problem_system(&applying->call->problem, error, "applying the file") : 0;
}

static int apply_all(struct applying *applying)
{
	struct call *call = applying->call;
	struct apply apply = {
		.config = &applying->config,
		.prune = call_flag(call, FLAG_PRUNE),
		.reset_runtime = call_flag(call, FLAG_RESET_RUNTIME),
		.force = call_flag(call, FLAG_FORCE),
	};
	struct store store;
	bool changed;
	int code = open_store(applying, &store);

	if (code)
		return code;
	code = refuse_pending(call, &store);
	if (!code && !applying->is_new)
		code = refuse_limits(applying, &store);
	if (!code && applying->confirm.within_ms && !applying->is_new) {
		applying->confirm.before = cmd_config_save(call, &store, YAML_BLOCK);
		code = applying->confirm.before ? 0 : call->problem.code;
	}
	if (!code)
		code = apply_to(&apply, &store, &call->problem);
	if (!code)
		code = commit(applying, &store, &changed);
	store_close(&store);
	if (!code)
		answer_changed(call, changed);
	return code;
}

int apply_run(struct call *call)
{
	const char *within = call_flag(call, FLAG_CONFIRM_WITHIN);
	struct applying applying = {.call = call};
	int code;

	if (within &&
	    (duration_parse(within, &applying.confirm.within_ms) || !applying.confirm.within_ms))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-duration",
				   "--confirm-within %s: expected a duration such as 60s", within);
	code = cmd_config_read(call, &applying.config);
	if (!code)
		code = attach_all(&applying);
	if (!code)
		code = apply_all(&applying);
	if (code)
		code = undo(&applying);
	free(applying.confirm.before);
	config_release(&applying.config);
	return code;
}

static int confirm(struct call *call, struct store *store)
{
	if (!confirm_awaited(store))
		return problem_set(&call->problem, EXIT_NOT_FOUND, "nothing-to-confirm",
				   "nothing awaits a confirmation");
	if (!call->globals.dry_run)
		confirm_given(store);
	answer_changed(call, true);
	return EXIT_DONE;
}

int confirm_run(struct call *call)
{
	return session_run(call, STORE_WRITE, confirm);
}
