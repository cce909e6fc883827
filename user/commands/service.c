// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "cli/session.h"
#include "commands/commands.h"
#include "model/service_settings.h"
#include "store/snat_pool.h"
#include "store/spillover.h"
#include "store/validate.h"
#include "view/print.h"
#include "view/view.h"

static int apply_flags(struct call *call, struct lb_service_config *config)
{
	char why[256];

	for (const struct service_setting *setting = service_settings; setting->name; setting++) {
		const char *value = call_flag(call, flag_named(setting->name));

		if (value && service_setting_parse(setting, value, config)) {
			service_setting_explain(setting, value, why, sizeof(why));
			return problem_set(&call->problem, EXIT_INVALID, "invalid-setting",
					   "--%s %s: %s", setting->name, value, why);
		}
	}
	return validate_settings(&call->problem, config);
}

/* The service that is there already under this name or at this VIP; 0 in *id: none. */
static int find_existing(struct call *call, const struct store *store,
			 const struct lb_service_config *wanted, __u32 *id)
{
	__u32 by_name = store_service_by_name(store, wanted->name);
	__u32 by_vip = store_service_by_vip(store, wanted->address, wanted->port, wanted->protocol);

	*id = by_name;
	if (by_name == by_vip)
		return 0;
	if (by_vip)
		return problem_set(&call->problem, EXIT_CONFLICT, "vip-in-use",
				   "%s is the VIP of service '%s'", call->arguments[1],
				   store->service[by_vip].name);
	problem_set(&call->problem, EXIT_CONFLICT, "name-in-use",
		    "service '%s' has another VIP, which cannot change", wanted->name);
	problem_hint(&call->problem, "lbctl service show %s", wanted->name);
	return call->problem.code;
}

static int update(struct call *call, struct store *store, __u32 id)
{
	struct lb_service_config wanted = store->service[id];
	int code = apply_flags(call, &wanted);

	if (!code)
		code = validate_backends(&call->problem, store, id, &wanted);
	if (!code && snat_pool_drops_addresses(&store->service[id], &wanted))
		code = session_check_no_flows(call, store, id, 0);
	if (!code)
		code = validate_snat_pool(&call->problem, store, id, &wanted);
	if (code)
		return code;
	if (memcmp(&wanted, &store->service[id], sizeof(wanted)) &&
	    !strcmp(call->command->name, "add") && !call_flag(call, FLAG_UPDATE)) {
		problem_set(&call->problem, EXIT_CONFLICT, "service-differs",
			    "service '%s' is there with other settings (--update changes it)",
			    wanted.name);
		problem_hint(&call->problem, "lbctl service show %s", wanted.name);
		return call->problem.code;
	}
	store->service[id] = wanted;
	code = validate_pool(&call->problem, store, id);
	return code ? code : session_commit(call, store);
}

static int insert(struct call *call, struct store *store, struct lb_service_config *config)
{
	__u32 id = store_service_free_id(store);
	int code;

	if (!id) {
		problem_set(&call->problem, EXIT_CONFLICT, "services-full",
			    "no room: the instance was attached with --max-services %u",
			    store->control->max_services - 1);
		return call->problem.code;
	}
	code = validate_snat_pool(&call->problem, store, id, config);
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
	int code = validate_vip(&call->problem, call->arguments[1], &vip);

	if (code)
		return code;
	config = service_defaults(call->arguments[0], &vip);
	code = apply_flags(call, &config);
	if (!code)
		code = find_existing(call, store, &config, &id);
	if (code)
		return code;
	return id ? update(call, store, id) : insert(call, store, &config);
}

static int set(struct call *call, struct store *store)
{
	__u32 id;
	int code = session_find_service(call, store, call->arguments[0], &id);

	return code ? code : update(call, store, id);
}

static int delete_service(struct call *call, struct store *store)
{
	__u32 id;
	int code = session_find_service(call, store, call->arguments[0], &id);

	if (code == EXIT_NOT_FOUND && call_flag(call, FLAG_IF_EXISTS)) {
		call->problem = (struct problem){0};
		return session_commit(call, store);
	}
	if (!code)
		code = spillover_check_delete(&call->problem, store, id);
	if (!code)
		code = session_check_no_flows(call, store, id, 0);
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
	print_services(&call->output, view);
	return EXIT_DONE;
}

static int show(struct call *call, const struct store *store, const struct view *view)
{
	__u32 id;
	int code = session_find_service(call, store, call->arguments[0], &id);

	if (!code)
		print_service(&call->output, view_service(view, id));
	return code;
}

int cmd_service_add(struct call *call)
{
	int code = validate_name(&call->problem, call->arguments[0]);

	return code ? code : session_run(call, STORE_WRITE, add);
}

int cmd_service_set(struct call *call)
{
	return session_run(call, STORE_WRITE, set);
}

int cmd_service_del(struct call *call)
{
	return session_run(call, STORE_WRITE, delete_service);
}

int cmd_service_list(struct call *call)
{
	return session_run_view(call, list);
}

int cmd_service_show(struct call *call)
{
	return session_run_view(call, show);
}
