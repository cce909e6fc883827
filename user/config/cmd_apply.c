// SPDX-License-Identifier: GPL-2.0-only
/* apply and confirm: applies a configuration file atomically. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/answer.h"
#include "cli/limits.h"
#include "cli/session.h"
#include "cli/store_problem.h"
#include "cli/xdp_errors.h"
#include "config/apply.h"
#include "config/cmd_config.h"
#include "config/commands.h"
#include "config/commit_confirm.h"
#include "datapath/instance.h"
#include "store/transaction.h"

_Static_assert(CONFIG_INTERFACES_MAX <= COMMAND_ARGUMENTS_MAX, "attach takes them all");

/* State of one apply. */
struct ctx {
	struct call *call;
	struct config config;
	struct confirm confirm; /* its interfaces are those that this apply attached */
	bool is_new; /* there was no instance */
	char limits[LIMIT_COUNT][12]; /* values of the flags of attach */
};

/* Runs another command. If it fails, its problem becomes that of apply. */
static int run_subcall(struct ctx *ctx, struct call *subcall)
{
	int code = subcall->command->run(subcall);

	if (code)
		ctx->call->problem = subcall->problem;
	return code;
}

/* Passes the limits of the file to `attach`, which creates the instance. */
static void add_limits(struct ctx *ctx, struct call *attach)
{
	const struct config *config = &ctx->config;

	for (enum limit i = 0; i < LIMIT_COUNT; i++) {
		if (!config->limits[i])
			continue;
		snprintf(ctx->limits[i], sizeof(ctx->limits[i]), "%u", config->limits[i]);
		call_set_flag(attach, limit_flag(i), ctx->limits[i]);
	}
	call_set_flag(attach, FLAG_HASH_KEY, config->hash_key);
}

/* Attaches the interfaces with this mode that are not attached yet. */
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
		add_limits(ctx, &attach);
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

/* Detaches the interfaces that this apply attached. Returns the exit code of the problem. */
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
				   "rollback failed: interfaces are still attached after: %s",
				   problem.message);
	ctx->call->problem = problem;
	return problem.code;
}

static int check_none_pending(struct call *call, const struct store *store)
{
	if (!confirm_is_pending(store))
		return 0;
	problem_set(&call->problem, EXIT_CONFLICT, "confirmation-awaited",
		    "a previous apply is waiting for 'lbctl confirm'");
	problem_hint(&call->problem, "lbctl confirm");
	return call->problem.code;
}

/* Limits of an existing instance cannot change. */
static int check_limits(struct ctx *ctx, const struct store *store)
{
	struct problem *problem = &ctx->call->problem;
	struct datapath_limits limits = limits_of(store->control);

	for (enum limit i = 0; i < LIMIT_COUNT; i++) {
		__u32 wanted = ctx->config.limits[i], limit = limit_get(&limits, i);

		if (!wanted || limit_round_up(i, wanted) == limit)
			continue;
		problem_set(problem, EXIT_CONFLICT, "limits-differ",
			    "%s cannot change to %u: instance '%s' was attached with %u",
			    flag_name(limit_flag(i)), wanted, ctx->call->globals.instance, limit);
		problem_hint(problem, "lbctl detach");
		return problem->code;
	}
	return 0;
}

/* Starts the process that rolls back. It must exist before the commit. */
static int start_confirm_timer(struct ctx *ctx, struct store *store)
{
	struct call *call = ctx->call;
	int error = confirm_start(call, store, &ctx->confirm);

	return error ? problem_system(&call->problem, error, "starting the rollback timer") : 0;
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

/* With --dry-run, an instance that does not exist yet is a scratch store. */
static int open_store(struct ctx *ctx, struct store *store)
{
	const struct config *config = &ctx->config;
	struct datapath_limits limits = limits_default();
	struct lb_control control;
	int error;

	if (!ctx->call->globals.dry_run || !ctx->is_new || !config->interface_count)
		return session_open(ctx->call, store, STORE_WRITE);
	for (enum limit i = 0; i < LIMIT_COUNT; i++)
		if (config->limits[i])
			limit_set(&limits, i, config->limits[i]);
	control = (struct lb_control){
		.max_services = limits.max_services + 1,
		.max_backends = limits.max_backends + 1,
		.max_sources = limits.max_sources,
	};
	error = store_open_scratch(store, &control);
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
	int code = call_duration(call, FLAG_CONFIRM_WITHIN, "invalid-duration",
				 &ctx.confirm.timeout_ms);

	if (!code && within && !ctx.confirm.timeout_ms)
		code = problem_set(&call->problem, EXIT_INVALID, "invalid-duration",
				   "invalid --confirm-within '%s': expected more than 0s", within);
	if (code)
		return code;
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
				   "no apply is waiting for a confirmation");
	if (!call->globals.dry_run)
		confirm_accept(store);
	answer_changed(call, true);
	return EXIT_DONE;
}

int cmd_confirm(struct call *call)
{
	return session_run(call, STORE_WRITE, confirm);
}
