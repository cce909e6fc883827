// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "persist.h"
#include "report.h"
#include "session.h"
#include "setting.h"
#include "source.h"
#include "spill.h"
#include "view.h"

static int apply_flags(struct call *call, struct lb_service_config *config)
{
	const char *objection;

	for (const struct setting *setting = service_settings; setting->name; setting++) {
		const char *value = call_flag(call, setting->name);

		if (value && setting->parse(value, config))
			return problem_set(&call->problem, EXIT_INVALID, "invalid-setting",
					   "--%s %s: expected %s", setting->name, value,
					   setting->expected);
	}
	objection = persist_objection(config);
	if (objection)
		return problem_set(&call->problem, EXIT_INVALID, "invalid-setting", "%s",
				   objection);
	return 0;
}

/*
 * The idle times are those that NAT devices owe TCP and UDP (RFC 5382: 2 h 4 min
 * established, 4 min in between; RFC 4787: 5 min); half-open flows get as long
 * as a few retransmissions take.
 */
static struct lb_service_config defaults(const char *name, const struct endpoint *vip)
{
	bool tcp = vip->protocol == IPPROTO_TCP;
	struct lb_service_config config = {
		.address = {vip->address[0], vip->address[1]},
		.port = vip->port,
		.protocol = vip->protocol,
		.scheduler = LB_SCHEDULER_WRR,
		.timeout_new_ms = tcp ? 10000 : 30000,
		.timeout_established_ms = tcp ? 7440000 : 300000,
		.timeout_closing_ms = 240000,
	};

	strncpy(config.name, name, sizeof(config.name) - 1);
	return config;
}

static bool name_is_valid(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return name[0] && name[0] != '-' && !name[length] && length < LB_NAME_BYTES;
}

static int parse_vip(struct call *call, const char *text, struct endpoint *vip)
{
	struct problem *problem = &call->problem;
	bool has_port;

	if (endpoint_parse(text, vip, &has_port) || !has_port || !vip->protocol)
		return problem_set(problem, EXIT_INVALID, "invalid-vip",
				   "VIP '%s': expected ADDR:PORT/tcp or ADDR:PORT/udp", text);
	if (!address_is_routable(vip->address))
		return problem_set(problem, EXIT_INVALID, "invalid-vip",
				   "VIP '%s': not an address that packets are routed to", text);
	return 0;
}

/* The service that is there already under this name or at this VIP; 0 in *id: none. */
static int find_present(struct call *call, const struct store *store,
			const struct lb_service_config *wanted, __u32 *id)
{
	__u32 named = store_service_named(store, wanted->name);
	__u32 placed = store_service_at(store, wanted->address, wanted->port, wanted->protocol);

	*id = named;
	if (named == placed)
		return 0;
	if (placed)
		return problem_set(&call->problem, EXIT_CONFLICT, "vip-in-use",
				   "%s is service '%s'", call->arguments[1],
				   store->service[placed].name);
	problem_set(&call->problem, EXIT_CONFLICT, "name-in-use",
		    "service '%s' has another VIP, which cannot change", wanted->name);
	problem_hint(&call->problem, "lbctl service show %s", wanted->name);
	return call->problem.code;
}

/* Do the service's backends go with its settings? */
static int check_backends(struct call *call, const struct store *store, __u32 id,
			  const struct lb_service_config *wanted)
{
	int code = 0;

	for (__u32 i = 1; !code && i < store->control->max_backends; i++)
		if (store_owns(store, id, i))
			code = session_check_forward(call, wanted, store->backend[i].address,
						     store->backend[i].port);
	return code;
}

/* The addresses of snat that the settings ask for. */
static int assign_sources(struct call *call, const struct store *store, __u32 id,
			  struct lb_service_config *wanted)
{
	struct problem *problem = &call->problem;
	char source[SETTING_TEXT_BYTES];
	int code = 0;

	setting_format("source", wanted, source);
	if (source_changes(&store->service[id], wanted))
		code = session_refuse_flows(call, store, id, 0);
	if (code)
		return code;
	switch (source_assign(store, id, wanted)) {
	case SOURCE_MISSING:
		problem_set(problem, EXIT_INVALID, "no-source",
			    "--forward snat needs addresses of the service's IP version to speak "
			    "from, which lead back to this host");
		problem_hint(problem, "lbctl help service %s", call->verb->name);
		return problem->code;
	case SOURCE_OVERLAP:
		return problem_set(problem, EXIT_CONFLICT, "source-overlap",
				   "a VIP, or another service's source, lies among the addresses "
				   "of --source %s, or this VIP among another's",
				   source);
	case SOURCE_FULL:
		return problem_set(problem, EXIT_CONFLICT, "sources-full",
				   "no room for the addresses of --source %s: the instance was "
				   "attached with --max-sources %llu",
				   source, store->control->max_sources);
	default:
		return 0;
	}
}

static int update(struct call *call, struct store *store, __u32 id)
{
	struct lb_service_config wanted = store->service[id];
	int code = apply_flags(call, &wanted);

	if (!code)
		code = check_backends(call, store, id, &wanted);
	if (!code)
		code = assign_sources(call, store, id, &wanted);
	if (code)
		return code;
	if (memcmp(&wanted, &store->service[id], sizeof(wanted)) &&
	    !strcmp(call->verb->name, "add") && !call_flag(call, "update")) {
		problem_set(&call->problem, EXIT_CONFLICT, "service-differs",
			    "service '%s' is there with other settings (--update changes it)",
			    wanted.name);
		problem_hint(&call->problem, "lbctl service show %s", wanted.name);
		return call->problem.code;
	}
	store->service[id] = wanted;
	code = session_refuse_sharing(call, store, id);
	return code ? code : session_commit(call, store);
}

static int insert(struct call *call, struct store *store, struct lb_service_config *config)
{
	__u32 id = store_free_service(store);
	int code;

	if (!id) {
		problem_set(&call->problem, EXIT_CONFLICT, "services-full",
			    "no room: the instance was attached with --max-services %u",
			    store->control->max_services - 1);
		return call->problem.code;
	}
	code = assign_sources(call, store, id, config);
	if (code)
		return code;
	store->service[id] = *config;
	return session_commit(call, store);
}

static int add(struct call *call, struct store *store)
{
	struct lb_service_config config;
	struct endpoint vip;
	__u32 id;
	int code = parse_vip(call, call->arguments[1], &vip);

	if (code)
		return code;
	config = defaults(call->arguments[0], &vip);
	code = apply_flags(call, &config);
	if (!code)
		code = find_present(call, store, &config, &id);
	if (code)
		return code;
	return id ? update(call, store, id) : insert(call, store, &config);
}

static int set(struct call *call, struct store *store)
{
	__u32 id;
	int code = session_service(call, store, call->arguments[0], &id);

	return code ? code : update(call, store, id);
}

static int delete (struct call *call, struct store *store)
{
	__u32 id;
	int code = session_service(call, store, call->arguments[0], &id);

	if (code == EXIT_NOT_FOUND && call_flag(call, "if-exists")) {
		call->problem = (struct problem){0};
		return session_commit(call, store);
	}
	if (!code)
		code = spill_refuse_loss(call, store, id);
	if (!code)
		code = session_refuse_flows(call, store, id, 0);
	if (code)
		return code;
	for (__u32 i = 1; i < store->control->max_backends; i++)
		if (store->backend[i].service == id)
			store_backend_remove(store, i);
	store->service[id] = (struct lb_service_config){0};
	return session_commit(call, store);
}

static int list(struct call *call, const struct store *store, const struct view *view)
{
	(void)store;
	report_of(call)->services(call, view);
	return EXIT_DONE;
}

static int show(struct call *call, const struct store *store, const struct view *view)
{
	__u32 id;
	int code = session_service(call, store, call->arguments[0], &id);

	if (!code)
		report_of(call)->service(call, view_service(view, id));
	return code;
}

int service_add_run(struct call *call)
{
	if (!name_is_valid(call->arguments[0]))
		return problem_set(&call->problem, EXIT_INVALID, "invalid-name",
				   "name '%s': expected [a-z0-9][a-z0-9-]*, 63 at most",
				   call->arguments[0]);
	return session_run(call, STORE_WRITE, add);
}

int service_set_run(struct call *call)
{
	return session_run(call, STORE_WRITE, set);
}

int service_del_run(struct call *call)
{
	return session_run(call, STORE_WRITE, delete);
}

int service_list_run(struct call *call)
{
	return session_see(call, list);
}

int service_show_run(struct call *call)
{
	return session_see(call, show);
}
