// SPDX-License-Identifier: GPL-2.0-only
#include "cli/session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "cli/store_problem.h"
#include "cli/validate.h"
#include "store/flow_table.h"
#include "store/lookup.h"
#include "store/transaction.h"

int session_check_revision(struct call *call, __u64 revision)
{
	const char *expected = call->globals.if_generation;

	if (!expected || strtoull(expected, NULL, 10) == revision)
		return 0;
	problem_set(&call->problem, EXIT_CONFLICT, "generation-mismatch",
		    "configuration changed: generation is %llu, expected %s", revision, expected);
	problem_hint(&call->problem, "lbctl status");
	return call->problem.code;
}

int session_open(struct call *call, struct store *store, enum store_access access)
{
	int error =
		store_open(store, call->globals.instance, access, call->globals.lock_timeout_ms);
	int code;

	if (error)
		return store_problem(call, error, "opening the pinned maps");
	code = access == STORE_WRITE ? session_check_revision(call, store_revision(store)) : 0;
	if (code)
		store_close(store);
	return code;
}

int session_run(struct call *call, enum store_access access, session_fn fn)
{
	struct store store;
	int code = session_open(call, &store, access);

	if (code)
		return code;
	code = fn(call, &store);
	store_close(&store);
	return code;
}

int session_open_view(struct call *call, struct store *store, struct view *view)
{
	int error, code = session_open(call, store, STORE_READ);

	if (code)
		return code;
	error = view_collect(view, store, call->globals.instance);
	if (!error)
		return EXIT_DONE;
	store_close(store);
	return problem_system(&call->problem, error, "reading counters and links");
}

int session_run_view(struct call *call, session_view_fn view_fn)
{
	struct store store;
	struct view view;
	int code = session_open_view(call, &store, &view);

	if (code)
		return code;
	code = view_fn(call, &store, &view);
	view_release(&view);
	store_close(&store);
	return code;
}

int session_find_service(struct call *call, const struct store *store, const char *text, __u32 *id)
{
	struct endpoint endpoint;
	bool has_port;

	*id = store_service_by_name(store, text);
	if (!*id && !endpoint_parse(text, &endpoint, &has_port) && has_port && endpoint.protocol)
		*id = store_service_by_vip(store, endpoint.address, endpoint.port,
					   endpoint.protocol);
	return *id ? 0 : validate_unknown_service(&call->problem, store, "", text);
}

int session_find_backend(struct call *call, const struct store *store, __u32 service,
			 const char *text, __u32 *id)
{
	const char *name = store->config.service[service].name;
	struct suggestion suggested = suggestion_of(text);
	struct endpoint endpoint;
	char candidate[ENDPOINT_TEXT_BYTES];
	int code =
		validate_endpoint(&call->problem, &store->config.service[service], text, &endpoint);

	if (code)
		return code;
	*id = store_backend_by_endpoint(store, service, endpoint.address, endpoint.port);
	if (*id)
		return 0;
	for (__u32 i = 0; (i = store_next_backend(store, service, i));) {
		const struct lb_backend_config *backend = &store->config.backend[i];

		if (backend->alias_of)
			continue;
		endpoint_format(backend->address, backend->port, candidate, sizeof(candidate));
		suggestion_offer(&suggested, candidate);
	}
	problem_set(&call->problem, EXIT_NOT_FOUND, "backend-not-found",
		    "no backend '%s' in service '%s'%s", text, name, suggestion_text(&suggested));
	problem_hint(&call->problem, "lbctl backend list %s", name);
	return call->problem.code;
}

int session_find_arguments(struct call *call, const struct store *store, __u32 *service,
			   __u32 *backend)
{
	int code = 0;

	*service = *backend = 0;
	if (call->argument_count > 0)
		code = session_find_service(call, store, call->arguments[0], service);
	if (!code && call->argument_count > 1)
		code = session_find_backend(call, store, *service, call->arguments[1], backend);
	return code;
}

int session_require_check(struct call *call, const struct store *store, __u32 service)
{
	const struct lb_service_config *config = &store->config.service[service];

	if (config->check[0])
		return 0;
	problem_set(&call->problem, EXIT_INVALID, "no-check", "service '%s' has no health check",
		    config->name);
	problem_hint(&call->problem, "lbctl service set %s --check tcp", call->arguments[0]);
	return call->problem.code;
}

int session_check_no_flows(struct call *call, const struct store *store, __u32 service,
			   __u32 backend)
{
	size_t flows;

	if (call_flag(call, FLAG_FORCE))
		return 0;
	flows = flow_table_count(store, service, backend);
	if (!flows)
		return 0;
	problem_set(&call->problem, EXIT_CONFLICT, "flows-alive",
		    "%zu active flow%s; use --force to terminate %s", flows, flows == 1 ? "" : "s",
		    flows == 1 ? "it" : "them");
	problem_hint(&call->problem, "lbctl flow list");
	if (backend)
		problem_hint(&call->problem, "lbctl backend drain %s %s --wait", call->arguments[0],
			     call->arguments[1]);
	return call->problem.code;
}

int session_check_no_spill(struct call *call, const struct store *store, __u32 service)
{
	__u32 source = spillover_source(store, service);
	const char *name = store->config.service[source].name;

	if (!source)
		return 0;
	problem_set(&call->problem, EXIT_CONFLICT, "service-in-use", "service '%s' spills to '%s'",
		    name, store->config.service[service].name);
	problem_hint(&call->problem, "lbctl service set %s --spill none", name);
	return call->problem.code;
}

int session_commit(struct call *call, struct store *store, bool *changed)
{
	struct transaction transaction;
	int error = transaction_prepare(&transaction, store, call_flag(call, FLAG_FORCE));
	int code = 0;

	*changed = !error && !config_diff_is_empty(&transaction.diff);
	if (!error && !call->globals.dry_run)
		error = transaction_commit(&transaction);
	if (error)
		code = commit_problem(call, &transaction, error);
	transaction_release(&transaction);
	return code;
}
