// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "cli/session.h"
#include "commands/commands.h"
#include "commands/drain_wait.h"
#include "model/weight.h"
#include "netlink/route.h"
#include "store/validate.h"
#include "view/print.h"
#include "view/view.h"

/* Finds the SERVICE and the BACKEND of the call. */
static int find(struct call *call, const struct store *store, __u32 *service, __u32 *id)
{
	int code = session_service(call, store, call->arguments[0], service);

	return code ? code : session_backend(call, store, *service, call->arguments[1], id);
}

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
	struct lb_backend_config wanted = store->backend[id];
	int code = apply_flags(call, &wanted);

	if (code)
		return code;
	if (memcmp(&wanted, &store->backend[id], sizeof(wanted)) && !call_flag(call, FLAG_UPDATE)) {
		problem_set(&call->problem, EXIT_CONFLICT, "backend-differs",
			    "backend '%s' is there with other settings (--update changes it)",
			    call->arguments[1]);
		problem_hint(&call->problem, "lbctl backend show %s %s", call->arguments[0],
			     call->arguments[1]);
		return call->problem.code;
	}
	store->backend[id] = wanted;
	return session_commit(call, store);
}

/*
 * Stores the way to a new backend, so that its first packet need not ask, and has
 * the kernel find its neighbour. What cannot be told yet, packets ask for.
 */
static void prepare_way(struct store *store, __u32 id)
{
	const struct lb_backend_config *backend = &store->backend[id];
	bool hands_over = store->service[backend->service].forward == LB_FORWARD_DSR;
	struct link_hop hop;

	if (link_next_hop(backend->address, &hop) || !store_device_has(store, hop.ifindex))
		return;
	if (!hands_over || !hop.is_routed)
		store_hop(store, id, &hop);
}

static int insert(struct call *call, struct store *store, __u32 service,
		  const struct endpoint *endpoint)
{
	struct lb_backend_config config = rule_backend(endpoint);
	int code = apply_flags(call, &config);
	__u32 id;

	if (!code)
		code = rule_room(&call->problem, store, service, endpoint);
	if (code)
		return code;
	config.service = service;
	id = store_backend_add(store, &config);
	if (!id) {
		problem_set(&call->problem, EXIT_CONFLICT, "backends-full",
			    "no room: the instance was attached with --max-backends %u",
			    store->control->max_backends - 1);
		return call->problem.code;
	}
	code = rule_pool(&call->problem, store, service);
	if (!code)
		code = session_commit(call, store);
	if (!code && !call->globals.dry_run)
		prepare_way(store, id);
	return code;
}

static int add(struct call *call, struct store *store)
{
	struct endpoint endpoint;
	__u32 service, id;
	int code = session_service(call, store, call->arguments[0], &service);

	if (!code)
		code = rule_endpoint(&call->problem, &store->service[service], call->arguments[1],
				     &endpoint);
	if (code)
		return code;
	id = store_backend_at(store, service, endpoint.address, endpoint.port);
	return id ? update(call, store, id) : insert(call, store, service, &endpoint);
}

static int weigh(struct call *call, struct store *store)
{
	const char *text = call->arguments[2];
	struct lb_backend_config *config;
	__u32 service, id;
	int error, code = find(call, store, &service, &id);

	if (code)
		return code;
	config = &store->backend[id];
	error = weight_parse(text, config, &config->override_milli);
	if (error == -ERANGE)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-weight",
				   "weight %s: outside 0 to %u", text, LB_WEIGHT_MAX);
	if (error)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-weight",
				   "weight %s: expected N, N%%, +N or -N", text);
	return session_commit(call, store);
}

static int turn(struct call *call, struct store *store, enum lb_state state)
{
	__u32 service, id;
	int code = find(call, store, &service, &id);

	if (code)
		return code;
	store->backend[id].state = state;
	store->backend[id].reset = call_flag(call, FLAG_RESET) != NULL;
	return session_commit(call, store);
}

static int turn_ready(struct call *call, struct store *store)
{
	return turn(call, store, LB_STATE_READY);
}

static int turn_drain(struct call *call, struct store *store)
{
	return turn(call, store, LB_STATE_DRAIN);
}

static int turn_maint(struct call *call, struct store *store)
{
	return turn(call, store, LB_STATE_MAINT);
}

static int delete (struct call *call, struct store *store)
{
	__u32 service, id;
	int code = find(call, store, &service, &id);

	if (code == EXIT_NOT_FOUND && call_flag(call, FLAG_IF_EXISTS)) {
		call->problem = (struct problem){0};
		return session_commit(call, store);
	}
	if (!code)
		code = session_refuse_flows(call, store, service, id);
	if (code)
		return code;
	store_backend_remove(store, id);
	return session_commit(call, store);
}

static int list(struct call *call, const struct store *store, const struct view *view)
{
	__u32 service;
	int code = session_service(call, store, call->arguments[0], &service);

	if (!code)
		print_backends(&call->output, view_service(view, service));
	return code;
}

static int show(struct call *call, const struct store *store, const struct view *view)
{
	__u32 service, id;
	int code = find(call, store, &service, &id);

	if (!code)
		print_backend(&call->output, view_service(view, service),
			      view_backend(view_service(view, service), id));
	return code;
}

int backend_add_run(struct call *call)
{
	return session_run(call, STORE_WRITE, add);
}

int backend_weight_run(struct call *call)
{
	return session_run(call, STORE_WRITE, weigh);
}

int backend_ready_run(struct call *call)
{
	return session_run(call, STORE_WRITE, turn_ready);
}

int backend_maint_run(struct call *call)
{
	return session_run(call, STORE_WRITE, turn_maint);
}

int backend_drain_run(struct call *call)
{
	const char *text = call_flag(call, FLAG_TIMEOUT);
	__u64 timeout_ms = DRAIN_FOREVER;
	int code;

	if (text && !call_flag(call, FLAG_WAIT))
		return problem_set(&call->problem, EXIT_USAGE, "bad-flag",
				   "--timeout goes with --wait");
	if (text && duration_parse(text, &timeout_ms))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-duration",
				   "--timeout %s: expected a duration such as 30s", text);
	code = session_run(call, STORE_WRITE, turn_drain);
	if (!code && call_flag(call, FLAG_WAIT) && !call->globals.dry_run)
		code = drain_wait(call, timeout_ms);
	return code;
}

int backend_del_run(struct call *call)
{
	return session_run(call, STORE_WRITE, delete);
}

int backend_list_run(struct call *call)
{
	return session_see(call, list);
}

int backend_show_run(struct call *call)
{
	return session_see(call, show);
}
