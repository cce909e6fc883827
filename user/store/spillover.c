// SPDX-License-Identifier: GPL-2.0-only
#include "store/spillover.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "model/persistence.h"
#include "store/endpoint_index.h"
#include "store/flow_table.h"
#include "store/validate.h"

/* The service that another one spills to; 0 = none. */
static __u32 target_of(const struct store *store, __u32 service)
{
	return store_service_by_name(store, store->service[service].spill);
}

static int check_pair(struct problem *problem, const struct store *store, __u32 id, __u32 target)
{
	const struct lb_service_config *service = &store->service[id];
	const struct lb_service_config *other = &store->service[target];

	if (!target)
		return validate_unknown_service(problem, store, "--spill: ", service->spill);
	if (id == target)
		return problem_set(problem, EXIT_INVALID, "invalid-setting",
				   "--spill %s: that is the service itself", service->spill);
	if (service->protocol != other->protocol ||
	    address_is_ipv4(service->address) != address_is_ipv4(other->address))
		return problem_set(problem, EXIT_INVALID, "invalid-setting",
				   "--spill %s: service '%s' is of another protocol or IP version",
				   service->spill, other->name);
	if (persist_needs_exclusive_backends(service) && persist_needs_exclusive_backends(other))
		return problem_set(problem, EXIT_INVALID, "invalid-setting",
				   "--spill %s: both services have --persist none, and nobody "
				   "could tell whose replies are whose",
				   service->spill);
	return 0;
}

/* Marks, by id, the backends that have a deputy in the service. */
static void mark_aliases(const struct store *store, __u32 service, bool *marks)
{
	for (__u32 id = 1; id < store->control->max_backends; id++)
		if (store->backend[id].service == service)
			marks[store->backend[id].alias_of] = true;
}

static int add_alias(struct problem *problem, struct store *store, __u32 backend, __u32 service)
{
	const struct lb_backend_config *original = &store->backend[backend];
	const struct lb_service_config *config = &store->service[service];
	const struct lb_backend_config alias = {
		.address = {original->address[0], original->address[1]},
		.port = original->port,
		.service = service,
		.override_milli = LB_NO_OVERRIDE,
		.alias_of = backend,
	};

	if (endpoint_index_count(store, original->address, original->port, config->protocol) >=
	    LB_ENDPOINT_CHAIN_MAX)
		return problem_set(problem, EXIT_CONFLICT, "endpoint-shared-too-often",
				   "--spill %s: a backend there serves %u services already, which "
				   "is the most",
				   config->spill, LB_ENDPOINT_CHAIN_MAX);
	if (store_backend_add(store, &alias))
		return 0;
	return problem_set(problem, EXIT_CONFLICT, "backends-full",
			   "no room for the backends that service '%s' spills to: the instance was "
			   "attached with --max-backends %u",
			   config->name, store->control->max_backends - 1);
}

/* Each backend of `target` has a deputy in the service. */
static int update_aliases(struct problem *problem, struct store *store, __u32 service, __u32 target)
{
	_free_ bool *has_alias = calloc(store->control->max_backends, sizeof(*has_alias));
	int code = check_pair(problem, store, service, target);

	if (!has_alias)
		return problem_system(problem, -ENOMEM, "--spill");
	mark_aliases(store, service, has_alias);
	for (__u32 id = 1; !code && id < store->control->max_backends; id++) {
		const struct lb_backend_config *backend = &store->backend[id];

		if (!store_service_owns(store, target, id))
			continue;
		code = validate_forward(problem, &store->service[service], backend->address,
					backend->port);
		if (!code && !has_alias[id])
			code = add_alias(problem, store, id, service);
	}
	return code;
}

/* Is its backend gone, or of a service that nothing is spilled to any more? */
static bool is_stale(const struct store *store, __u32 id)
{
	const struct lb_backend_config *alias = &store->backend[id];
	__u32 target = alias->alias_of ? target_of(store, alias->service) : 0;

	return alias->alias_of && (!target || !store_service_owns(store, target, alias->alias_of));
}

static int refuse_flows(struct problem *problem, const struct store *store)
{
	_free_ __u64 *counts = calloc(store->control->max_backends, sizeof(*counts));
	__u64 flows = 0;

	if (!counts)
		return problem_system(problem, -ENOMEM, "--spill");
	flow_table_count_per_backend(store, counts);
	for (__u32 id = 1; id < store->control->max_backends; id++)
		flows += is_stale(store, id) ? counts[id] : 0;
	if (!flows)
		return 0;
	problem_set(problem, EXIT_CONFLICT, "flows-alive",
		    "%llu spilled flow%s alive; --force ends %s", flows,
		    flows == 1 ? " is" : "s are", flows == 1 ? "it" : "them");
	problem_hint(problem, "lbctl flow list");
	return problem->code;
}

static int remove_stale(struct problem *problem, struct store *store, bool force)
{
	bool is_checked = force;
	int code = 0;

	for (__u32 id = 1; !code && id < store->control->max_backends; id++) {
		if (!is_stale(store, id))
			continue;
		if (!is_checked)
			code = refuse_flows(problem, store);
		is_checked = true;
		if (!code)
			store_backend_remove(store, id);
	}
	return code;
}

int spillover_update(struct problem *problem, struct store *store, bool force)
{
	int code = remove_stale(problem, store, force);

	for (__u32 id = 1; !code && id < store->control->max_services; id++)
		if (store->service[id].spill[0])
			code = update_aliases(problem, store, id, target_of(store, id));
	return code;
}

int spillover_check_delete(struct problem *problem, const struct store *store, __u32 service)
{
	for (__u32 id = 1; id < store->control->max_services; id++) {
		if (id == service || target_of(store, id) != service)
			continue;
		problem_set(problem, EXIT_CONFLICT, "service-in-use", "service '%s' spills to '%s'",
			    store->service[id].name, store->service[service].name);
		problem_hint(problem, "lbctl service set %s --spill none", store->service[id].name);
		return problem->code;
	}
	return 0;
}
