// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/answer.h"
#include "cli/session.h"
#include "cli/validate.h"
#include "commands/command_functions.h"
#include "commands/drain_wait.h"
#include "commands/finish_edit.h"
#include "model/backend_flags.h"
#include "model/weight.h"
#include "netlink/route.h"
#include "store/devices.h"
#include "store/edit.h"
#include "store/lookup.h"
#include "view/print.h"
#include "view/view.h"

static int parse_state(struct call *call, struct lb_backend_config *config)
{
	const char *text = call_flag(call, FLAG_STATE);

	for (__u8 i = 0; text && i < LB_STATE_COUNT; i++) {
		if (strcmp(text, state_name(i)))
			continue;
		config->state = config->configured_state = i;
		config->reset = config->reset && i == LB_STATE_MAINT;
		return 0;
	}
	if (!text)
		return 0;
	return problem_choice(&call->problem, "invalid-state", "--state", text,
			      "ready, drain or maint");
}

static int apply_flags(struct call *call, struct lb_backend_config *config)
{
	__u64 weight = config->weight, max_flows = config->max_flows;
	int code = call_number(call, FLAG_WEIGHT, "invalid-weight", 0, LB_WEIGHT_MAX, &weight);

	if (!code)
		code = call_number(call, FLAG_MAX_FLOWS, "invalid-limit", 0, LB_FLOWS_MAX,
				   &max_flows);
	if (code)
		return code;
	config->weight = weight;
	config->max_flows = max_flows;
	return parse_state(call, config);
}

static int update(struct call *call, struct store *store, __u32 id)
{
	struct lb_backend_config wanted = store->config.backend[id];
	int code = apply_flags(call, &wanted);

	if (code)
		return code;
	if (memcmp(&wanted, &store->config.backend[id], sizeof(wanted)) &&
	    !call_flag(call, FLAG_UPDATE)) {
		problem_set(&call->problem, EXIT_CONFLICT, "backend-differs",
			    "backend '%s' exists with other settings; use --update to change it",
			    call->arguments[1]);
		problem_hint(&call->problem, "lbctl backend show %s %s", call->arguments[0],
			     call->arguments[1]);
		return call->problem.code;
	}
	store->config.backend[id] = wanted;
	return 0;
}

/*
 * Caches the next hop of a new backend, and makes the kernel resolve its neighbour. If the next hop
 * is unknown yet, the first packet looks it up.
 */
static void cache_nexthop(struct store *store, __u32 id)
{
	const struct lb_backend_config *backend = &store->config.backend[id];
	bool is_dsr = store->config.service[backend->service].forward == LB_FORWARD_DSR;
	struct route_nexthop nexthop;

	if (route_find_nexthop(backend->address, &nexthop) ||
	    !store_has_device(store, nexthop.ifindex))
		return;
	if (!is_dsr || !nexthop.is_routed)
		store_nexthop_write(store, id, &nexthop);
}

static int insert(struct call *call, struct store *store, __u32 service,
		  const struct endpoint *endpoint, __u32 *id)
{
	struct lb_backend_config config = backend_defaults(endpoint);
	int error, code = apply_flags(call, &config);

	if (!code)
		code = validate_new_backend(&call->problem, store, service, endpoint);
	if (code)
		return code;
	config.service = service;
	error = edit_add_backend(store, &config, id);
	if (error)
		return validate_edit_problem(&call->problem, store, &store->config.service[service],
					     config.address, config.port, error);
	return validate_pool(&call->problem, store, service);
}

/* *added: the id of a backend that was not there; 0 = it was. */
static int add(struct call *call, struct store *store, __u32 *added)
{
	struct endpoint endpoint;
	__u32 service, id;
	int code = session_find_service(call, store, call->arguments[0], &service);

	if (!code)
		code = validate_endpoint(&call->problem, &store->config.service[service],
					 call->arguments[1], &endpoint);
	if (code)
		return code;
	id = store_backend_by_endpoint(store, service, endpoint.address, endpoint.port);
	*added = 0;
	return id ? update(call, store, id) : insert(call, store, service, &endpoint, added);
}

static int set_weight(struct call *call, struct store *store)
{
	const char *text = call->arguments[2];
	struct lb_backend_config *config;
	__u32 service, id;
	int error, code = session_find_arguments(call, store, &service, &id);

	if (code)
		return code;
	config = &store->config.backend[id];
	error = weight_parse(text, config, &config->override_milli);
	if (error == -ERANGE)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-weight",
				   "invalid weight '%s': expected a result from 0 to %u", text,
				   LB_WEIGHT_MAX);
	if (error)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-weight",
				   "invalid weight '%s': expected N, N%%, +N or -N", text);
	return 0;
}

static int set_state(struct call *call, struct store *store, enum lb_state state)
{
	__u32 service, id;
	int code = session_find_arguments(call, store, &service, &id);

	if (code)
		return code;
	store->config.backend[id].state = state;
	store->config.backend[id].reset = call_flag(call, FLAG_RESET) != NULL;
	return 0;
}

static int delete_backend(struct call *call, struct store *store)
{
	__u32 service, id;
	int code = session_find_arguments(call, store, &service, &id);

	if (code == EXIT_NOT_FOUND && call_flag(call, FLAG_IF_EXISTS)) {
		call->problem = (struct problem){0};
		return 0;
	}
	if (!code)
		code = session_check_no_flows(call, store, service, id);
	if (code)
		return code;
	edit_remove_backend(store, id);
	return 0;
}

static int list(struct call *call, const struct store *store, const struct view *view)
{
	__u32 service;
	int code = session_find_service(call, store, call->arguments[0], &service);

	if (!code)
		print_backends(&call->output, view_find_service(view, service));
	return code;
}

static int show(struct call *call, const struct store *store, const struct view *view)
{
	__u32 service, id;
	int code = session_find_arguments(call, store, &service, &id);

	if (!code)
		print_backend(&call->output, view_find_service(view, service),
			      view_find_backend(view_find_service(view, service), id));
	return code;
}

int cmd_backend_add(struct call *call)
{
	struct store store;
	bool changed;
	__u32 added;
	int code = session_open(call, &store, STORE_WRITE);

	if (code)
		return code;
	code = add(call, &store, &added);
	if (!code)
		code = session_commit(call, &store, &changed);
	if (!code && added && !call->globals.dry_run)
		cache_nexthop(&store, added);
	store_close(&store);
	if (!code)
		answer_changed(call, changed);
	return code;
}

int cmd_backend_weight(struct call *call)
{
	struct store store;
	int code = session_open(call, &store, STORE_WRITE);

	return code ? code : finish_edit(call, &store, set_weight(call, &store));
}

static int change_state(struct call *call, enum lb_state state)
{
	struct store store;
	int code = session_open(call, &store, STORE_WRITE);

	return code ? code : finish_edit(call, &store, set_state(call, &store, state));
}

int cmd_backend_ready(struct call *call)
{
	return change_state(call, LB_STATE_READY);
}

int cmd_backend_maint(struct call *call)
{
	return change_state(call, LB_STATE_MAINT);
}

int cmd_backend_drain(struct call *call)
{
	bool waits = call_flag(call, FLAG_WAIT) != NULL;
	__u64 timeout_ms = WAIT_NO_TIMEOUT;
	int code;

	if (call_flag(call, FLAG_TIMEOUT) && !waits)
		return problem_set(&call->problem, EXIT_USAGE, "bad-flag",
				   "--timeout needs --wait");
	code = call_duration(call, FLAG_TIMEOUT, "invalid-duration", &timeout_ms);
	if (!code)
		code = change_state(call, LB_STATE_DRAIN);
	if (!code && waits && !call->globals.dry_run)
		code = drain_wait(call, timeout_ms);
	return code;
}

int cmd_backend_del(struct call *call)
{
	struct store store;
	int code = session_open(call, &store, STORE_WRITE);

	return code ? code : finish_edit(call, &store, delete_backend(call, &store));
}

int cmd_backend_list(struct call *call)
{
	return session_run_view(call, list);
}

int cmd_backend_show(struct call *call)
{
	return session_run_view(call, show);
}
