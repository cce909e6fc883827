// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "cli/session.h"
#include "cli/validate.h"
#include "commands/command_functions.h"
#include "commands/finish_edit.h"
#include "model/service_settings.h"
#include "store/edit.h"
#include "store/lookup.h"
#include "store/snat_pool.h"
#include "view/print.h"
#include "view/view.h"

static int apply_flags(struct call *call, struct lb_service_config *config)
{
	char why[256];

	for (const struct service_setting *setting = service_settings; setting->name; setting++) {
		const char *value = call_flag(call, flag_by_name(setting->name));

		if (value && service_setting_parse(setting, value, config)) {
			service_setting_explain(setting, value, why, sizeof(why));
			return problem_set(&call->problem, EXIT_INVALID, "invalid-setting",
					   "invalid --%s '%s': %s", setting->name, value, why);
		}
	}
	return validate_settings(&call->problem, config);
}

/* Finds the service that has this name and VIP already; *id is 0 if there is none. */
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
				   "VIP %s is in use by service '%s'", call->arguments[1],
				   store->config.service[by_vip].name);
	problem_set(&call->problem, EXIT_CONFLICT, "name-in-use",
		    "service '%s' has another VIP, which cannot change", wanted->name);
	problem_hint(&call->problem, "lbctl service show %s", wanted->name);
	return call->problem.code;
}

static int assign_snat_pool(struct call *call, const struct store *store, __u32 id,
			    struct lb_service_config *config)
{
	int condition = snat_pool_assign(store, id, config);

	return validate_snat_problem(&call->problem, store, config, condition);
}

static int update(struct call *call, struct store *store, __u32 id)
{
	struct lb_service_config wanted = store->config.service[id];
	int code = apply_flags(call, &wanted);

	if (!code)
		code = validate_backends(&call->problem, store, id, &wanted);
	if (!code && snat_pool_drops_addresses(&store->config.service[id], &wanted))
		code = session_check_no_flows(call, store, id, 0);
	if (!code)
		code = assign_snat_pool(call, store, id, &wanted);
	if (code)
		return code;
	if (memcmp(&wanted, &store->config.service[id], sizeof(wanted)) &&
	    !strcmp(call->command->name, "add") && !call_flag(call, FLAG_UPDATE)) {
		problem_set(&call->problem, EXIT_CONFLICT, "service-differs",
			    "service '%s' exists with other settings; use --update to change it",
			    wanted.name);
		problem_hint(&call->problem, "lbctl service show %s", wanted.name);
		return call->problem.code;
	}
	store->config.service[id] = wanted;
	return validate_pool(&call->problem, store, id);
}

static int insert(struct call *call, struct store *store, struct lb_service_config *config)
{
	__u32 id = store_service_free_id(store);
	int code;

	if (!id) {
		problem_set(&call->problem, EXIT_CONFLICT, "services-full",
			    "service limit reached (--max-services %u)",
			    store->control->max_services - 1);
		return call->problem.code;
	}
	code = assign_snat_pool(call, store, id, config);
	if (!code)
		store->config.service[id] = *config;
	return code;
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
		return 0;
	}
	if (!code)
		code = session_check_no_spill(call, store, id);
	if (!code)
		code = session_check_no_flows(call, store, id, 0);
	if (!code)
		edit_remove_service(store, id);
	return code;
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
		print_service(&call->output, view_find_service(view, id));
	return code;
}

int cmd_service_add(struct call *call)
{
	struct store store;
	int code = validate_name(&call->problem, call->arguments[0]);

	if (!code)
		code = session_open(call, &store, STORE_WRITE);
	return code ? code : finish_edit(call, &store, add(call, &store));
}

int cmd_service_set(struct call *call)
{
	struct store store;
	int code = session_open(call, &store, STORE_WRITE);

	return code ? code : finish_edit(call, &store, set(call, &store));
}

int cmd_service_del(struct call *call)
{
	struct store store;
	int code = session_open(call, &store, STORE_WRITE);

	return code ? code : finish_edit(call, &store, delete_service(call, &store));
}

int cmd_service_list(struct call *call)
{
	return session_run_view(call, list);
}

int cmd_service_show(struct call *call)
{
	return session_run_view(call, show);
}
