// SPDX-License-Identifier: GPL-2.0-only
/* Everything as a file says, or nothing: apply, confirm. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "cli/answer.h"
#include "cli/session.h"
#include "cli/store_problem.h"
#include "cli/xdp_errors.h"
#include "config/apply.h"
#include "config/cmd_config.h"
#include "config/commands.h"
#include "config/commit_confirm.h"
#include "datapath/instance.h"
#include "store/transaction.h"

_Static_assert(CONFIG_INTERFACES_MAX <= COMMAND_ARGUMENTS_MAX, "all can be attached at once");

/* What apply does, from its beginning to its end. */
struct ctx {
	struct call *call;
	struct config config;
	struct confirm confirm; /* its interfaces are those that were attached here */
	bool is_new; /* there was no instance */
};

/* A command of its own, as if it had been typed; its problem becomes ours. */
static int run_subcall(struct ctx *ctx, struct call *subcall)
{
	int code = subcall->command->run(subcall);

	if (code)
		ctx->call->problem = subcall->problem;
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
static int attach_mode(struct ctx *ctx, const char *mode,
		       const struct datapath_interface *interfaces, size_t count)
{
	struct config *config = &ctx->config;
	struct call attach = call_inner(ctx->call, "attach");
	size_t count_before = ctx->confirm.interface_count;
	int code;

	for (size_t i = 0; i < config->interface_count; i++) {
		struct config_interface *wanted = &config->interfaces[i];

		if (strcmp(wanted->mode, mode) ||
		    cmd_config_find_attached(interfaces, count, wanted))
			continue;
		attach.arguments[attach.argument_count++] = wanted->name;
		ctx->confirm.interfaces[ctx->confirm.interface_count++] = wanted->name;
	}
	if (!attach.argument_count)
		return 0;
	call_set_flag(&attach, FLAG_MODE, mode);
	if (ctx->is_new)
		add_limits(config, &attach);
	code = run_subcall(ctx, &attach);
	if (code)
		ctx->confirm.interface_count = count_before;
	return code;
}

static int attach_all(struct ctx *ctx)
{
	static const char *const modes[] = {"auto", "native", "generic"};
	const char *instance = ctx->call->globals.instance;
	_free_ struct datapath_interface *interfaces = NULL;
	size_t count = 0;
	int error, code = 0;

	ctx->is_new = !datapath_exists(instance);
	error = ctx->is_new ? 0 : datapath_interfaces(instance, &interfaces, &count);
	if (error)
		return xdp_problem(ctx->call, error, "reading the links");
	for (size_t i = 0; !code && i < sizeof(modes) / sizeof(modes[0]); i++)
		code = attach_mode(ctx, modes[i], interfaces, count);
	return code;
}

/* What was attached on the way is taken off again. */
static int roll_back(struct ctx *ctx)
{
	struct call detach = call_inner(ctx->call, "detach");
	struct problem problem = ctx->call->problem;

	if (ctx->call->globals.dry_run || !ctx->confirm.interface_count)
		return problem.code;
	detach.argument_count = ctx->confirm.interface_count;
	memcpy(detach.arguments, ctx->confirm.interfaces, sizeof(detach.arguments));
	call_set_flag(&detach, FLAG_FORCE, "");
	if (run_subcall(ctx, &detach))
		return problem_set(&ctx->call->problem, EXIT_ROLLBACK, "rollback-failed",
				   "interfaces stay attached although applying failed: %s",
				   problem.message);
	ctx->call->problem = problem;
	return problem.code;
}

static int check_none_pending(struct call *call, const struct store *store)
{
	if (!confirm_is_pending(store))
		return 0;
	problem_set(&call->problem, EXIT_CONFLICT, "confirmation-awaited",
		    "what was applied before awaits a confirmation");
	problem_hint(&call->problem, "lbctl confirm");
	return call->problem.code;
}

/* The limits of an instance are set when it is made, and stay. */
static int check_limits(struct ctx *ctx, const struct store *store)
{
	struct problem *problem = &ctx->call->problem;

	for (size_t i = 0; i < CONFIG_LIMITS; i++) {
		const char *wanted = ctx->config.limits[i];
		__u64 limit = config_limit(store->control, i);
		__u64 granularity = i == 2 ? LB_BUCKET_FLOWS : i == 4 ? LB_BUCKET_CLIENTS : 1;

		if (!wanted ||
		    (strtoull(wanted, NULL, 10) + granularity - 1) / granularity * granularity ==
			    limit)
			continue;
		problem_set(problem, EXIT_CONFLICT, "limits-differ",
			    "%s: %s, but instance '%s' was attached with %llu", config_limits[i],
			    wanted, ctx->call->globals.instance, limit);
		problem_hint(problem, "lbctl detach");
		return problem->code;
	}
	return 0;
}

/* Who is to put it back is there before there is anything to put back. */
static int start_confirm_timer(struct ctx *ctx, struct store *store)
{
	struct call *call = ctx->call;
	int error = confirm_start(call, store, &ctx->confirm);

	return error ? problem_system(&call->problem, error, "waiting for a confirmation") : 0;
}

static int publish(struct ctx *ctx, struct transaction *transaction, bool changed)
{
	bool needs_confirm = changed && ctx->confirm.timeout_ms;
	int error, code = needs_confirm ? start_confirm_timer(ctx, transaction->store) : 0;

	if (code)
		return code;
	error = transaction_commit(transaction);
	if (error && needs_confirm)
		confirm_accept(transaction->store);
	return error ? commit_problem(ctx->call, transaction, error) : 0;
}

static int commit(struct ctx *ctx, struct store *store, bool *changed)
{
	struct call *call = ctx->call;
	struct transaction transaction;
	int error = transaction_prepare(&transaction, store, call_flag(call, FLAG_FORCE));
	int code = error ? commit_problem(call, &transaction, error) : 0;

	*changed = !config_diff_is_empty(&transaction.diff) || ctx->confirm.interface_count;
	if (!code && !call->globals.dry_run)
		code = publish(ctx, &transaction, *changed);
	transaction_release(&transaction);
	return code;
}

static __u32 limit_or_default(const struct config *config, size_t limit, __u32 default_value)
{
	return config->limits[limit] ? strtoul(config->limits[limit], NULL, 10) : default_value;
}

/* With --dry-run an instance that is still to be made is an imagined one. */
static int open_store(struct ctx *ctx, struct store *store)
{
	const struct config *config = &ctx->config;
	const struct lb_control limits = {
		.max_services = limit_or_default(config, 0, LB_SERVICES_DEFAULT) + 1,
		.max_backends = limit_or_default(config, 1, LB_BACKENDS_DEFAULT) + 1,
		.max_sources = limit_or_default(config, 3, LB_SNAT_SOURCES_DEFAULT),
	};
	int error;

	if (!ctx->call->globals.dry_run || !ctx->is_new || !config->interface_count)
		return session_open(ctx->call, store, STORE_WRITE);
	error = store_open_scratch(store, &limits);
	return error ? problem_system(&ctx->call->problem, error, "applying the file") : 0;
}

static int apply_all(struct ctx *ctx)
{
	struct call *call = ctx->call;
	struct apply apply = {
		.config = &ctx->config,
		.prune = call_flag(call, FLAG_PRUNE),
		.reset_runtime = call_flag(call, FLAG_RESET_RUNTIME),
		.force = call_flag(call, FLAG_FORCE),
	};
	struct store store;
	bool changed;
	int code = open_store(ctx, &store);

	if (code)
		return code;
	code = check_none_pending(call, &store);
	if (!code && !ctx->is_new)
		code = check_limits(ctx, &store);
	if (!code && ctx->confirm.timeout_ms && !ctx->is_new) {
		ctx->confirm.previous_config = cmd_config_save(call, &store, YAML_BLOCK);
		code = ctx->confirm.previous_config ? 0 : call->problem.code;
	}
	if (!code)
		code = apply_to_store(&apply, &store, &call->problem);
	if (!code)
		code = commit(ctx, &store, &changed);
	store_close(&store);
	if (!code)
		answer_changed(call, changed);
	return code;
}

int cmd_apply(struct call *call)
{
	const char *within = call_flag(call, FLAG_CONFIRM_WITHIN);
	struct ctx ctx = {.call = call};
	int code;

	if (within && (duration_parse(within, &ctx.confirm.timeout_ms) || !ctx.confirm.timeout_ms))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-duration",
				   "--confirm-within %s: expected a duration such as 60s", within);
	code = cmd_config_read(call, &ctx.config);
	if (!code)
		code = attach_all(&ctx);
	if (!code)
		code = apply_all(&ctx);
	if (code)
		code = roll_back(&ctx);
	free(ctx.confirm.previous_config);
	config_release(&ctx.config);
	return code;
}

static int confirm(struct call *call, struct store *store)
{
	if (!confirm_is_pending(store))
		return problem_set(&call->problem, EXIT_NOT_FOUND, "nothing-to-confirm",
				   "nothing awaits a confirmation");
	if (!call->globals.dry_run)
		confirm_accept(store);
	answer_changed(call, true);
	return EXIT_DONE;
}

int cmd_confirm(struct call *call)
{
	return session_run(call, STORE_WRITE, confirm);
}
