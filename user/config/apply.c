// SPDX-License-Identifier: GPL-2.0-only
#include "config/apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "cli/validate.h"
#include "config/config.h"
#include "config/config_backend.h"
#include "store/edit.h"
#include "store/flow_table.h"
#include "store/lookup.h"
#include "store/snat_pool.h"

struct run {
	const struct apply *apply;
	struct store *store;
	struct problem *problem;
	__u32 *service_ids; /* of the services of the file, in its order */
	bool *kept; /* by backend id: the file has it */
	struct lb_backend_config **sorted; /* the backends of one service, for find_backend() */
	size_t sorted_count;
};

static int compare(const void *left, const void *right)
{
	const struct lb_backend_config *const *a = left, *const *b = right;

	return config_compare_backends(*a, *b);
}

/* Sorts the existing backends of a service by endpoint. */
static void sort_backends(struct run *run, __u32 service)
{
	struct store *store = run->store;

	run->sorted_count = 0;
	for (__u32 id = 0; (id = store_next_backend(store, service, id));)
		if (store_service_owns(store, service, id))
			run->sorted[run->sorted_count++] = &store->config.backend[id];
	qsort(run->sorted, run->sorted_count, sizeof(*run->sorted), compare);
}

static __u32 find_backend(const struct run *run, const struct lb_backend_config *wanted)
{
	struct lb_backend_config **found =
		bsearch(&wanted, run->sorted, run->sorted_count, sizeof(*run->sorted), compare);

	return found ? *found - run->store->config.backend : 0;
}

/* Fails if the service or backend has active flows, which its removal would end. */
static int check_no_flows(struct run *run, struct yaml_node *node, __u32 service, __u32 backend)
{
	struct problem *problem = run->problem;
	const char *name = run->store->config.service[service].name;
	size_t flows;

	if (run->apply->force)
		return 0;
	flows = flow_table_count(run->store, service, backend);
	if (!flows)
		return 0;
	problem_set(problem, EXIT_CONFLICT, "flows-alive",
		    "service '%s': %zu active flow%s; use --force to terminate %s", name, flows,
		    flows == 1 ? "" : "s", flows == 1 ? "it" : "them");
	if (node)
		config_set_position(run->apply->config, node, problem);
	problem_hint(problem, "lbctl flow list --service %s", name);
	return problem->code;
}

/*
 * Finds the existing services with the names and VIPs of the file. One with another VIP is removed,
 * because a VIP cannot change.
 */
static int match_services(struct run *run)
{
	const struct config *config = run->apply->config;
	int code = 0;

	for (size_t i = 0; !code && i < config->service_count; i++) {
		const struct config_service *service = &config->services[i];
		const struct lb_service_config *settings = &service->settings;
		__u32 id = store_service_by_name(run->store, settings->name);

		if (!id || config_has_vip(&run->store->config.service[id], settings->address,
					  settings->port, settings->protocol)) {
			run->service_ids[i] = id;
			continue;
		}
		code = check_no_flows(run, service->node, id, 0);
		if (!code)
			edit_remove_service(run->store, id);
	}
	return code;
}

static bool has_service(const struct run *run, __u32 id)
{
	for (size_t i = 0; i < run->apply->config->service_count; i++)
		if (run->service_ids[i] == id)
			return true;
	return false;
}

static int prune_services(struct run *run)
{
	int code = 0;

	for (__u32 id = 1; !code && id < run->store->control->max_services; id++) {
		if (!run->store->config.service[id].name[0] || has_service(run, id))
			continue;
		code = check_no_flows(run, NULL, id, 0);
		if (!code)
			edit_remove_service(run->store, id);
	}
	return code;
}

/* Fails if a service with another name has the VIP. */
static int check_vip_free(struct run *run, const struct config_service *service)
{
	const struct lb_service_config *settings = &service->settings;
	__u32 other = store_service_by_vip(run->store, settings->address, settings->port,
					   settings->protocol);

	if (!other)
		return 0;
	problem_set(run->problem, EXIT_CONFLICT, "vip-in-use", "VIP is in use by service '%s'",
		    run->store->config.service[other].name);
	return config_set_position(run->apply->config, service->node, run->problem);
}

static int add_service(struct run *run, const struct config_service *service, __u32 *id)
{
	int code = check_vip_free(run, service);

	if (code)
		return code;
	*id = store_service_free_id(run->store);
	if (*id)
		return 0;
	problem_set(run->problem, EXIT_CONFLICT, "services-full",
		    "service limit reached (--max-services %u)",
		    run->store->control->max_services - 1);
	return config_set_position(run->apply->config, service->node, run->problem);
}

/* The settings of a file, with the counters and SNAT addresses of the existing service. */
static struct lb_service_config with_counters(const struct lb_service_config *settings,
					      const struct lb_service_config *before)
{
	struct lb_service_config wanted = *settings;

	wanted.past_packets = before->past_packets;
	wanted.past_bytes = before->past_bytes;
	wanted.past_new_flows = before->past_new_flows;
	wanted.past_reply_packets = before->past_reply_packets;
	wanted.past_reply_bytes = before->past_reply_bytes;
	wanted.snat_first = before->snat_first;
	wanted.snat_count = before->snat_count;
	return wanted;
}

static int apply_service(struct run *run, const struct config_service *service, __u32 *id)
{
	struct store *store = run->store;
	struct lb_service_config wanted;
	int condition, code = *id ? 0 : add_service(run, service, id);

	if (code)
		return code;
	wanted = with_counters(&service->settings, &store->config.service[*id]);
	if (snat_pool_drops_addresses(&store->config.service[*id], &wanted))
		code = check_no_flows(run, service->node, *id, 0);
	if (code)
		return code;
	condition = snat_pool_assign(store, *id, &wanted);
	if (condition) {
		validate_snat_problem(run->problem, store, &wanted, condition);
		return config_set_position(run->apply->config, service->node, run->problem);
	}
	store->config.service[*id] = wanted;
	return 0;
}

/* The backend of the file, with the run-time state and weight of the existing one. */
static struct lb_backend_config merge(const struct run *run, const struct config_backend *backend,
				      const struct lb_backend_config *before)
{
	struct lb_backend_config wanted = *before;
	bool keep = !run->apply->reset_runtime && !backend->has_runtime;

	wanted.weight = backend->settings.weight;
	wanted.max_flows = backend->settings.max_flows;
	wanted.configured_state = backend->settings.configured_state;
	if (!keep || before->state == before->configured_state) {
		wanted.state = backend->settings.state;
		wanted.reset = backend->settings.reset;
	}
	if (!keep)
		wanted.override_milli = backend->settings.override_milli;
	if (wanted.override_milli == wanted.weight * 1000U)
		wanted.override_milli = LB_NO_OVERRIDE;
	return wanted;
}

static int add_backend(struct run *run, const struct config_backend *backend, __u32 service,
		       __u32 *id)
{
	struct lb_backend_config wanted = merge(run, backend, &backend->settings);
	struct endpoint endpoint = {
		.address = {wanted.address[0], wanted.address[1]},
		.port = wanted.port,
	};
	int code = validate_new_backend(run->problem, run->store, service, &endpoint);

	wanted.service = service;
	if (!code)
		code = validate_edit_problem(
			run->problem, run->store, &run->store->config.service[service],
			wanted.address, wanted.port, edit_add_backend(run->store, &wanted, id));
	return code ? config_set_position(run->apply->config, backend->node, run->problem) : 0;
}

static int apply_backends(struct run *run, const struct config_service *service, __u32 id)
{
	struct store *store = run->store;
	int code = 0;

	sort_backends(run, id);
	for (size_t i = 0; !code && i < service->backend_count; i++) {
		const struct config_backend *backend = &service->backends[i];
		__u32 existing = find_backend(run, &backend->settings);

		if (existing)
			store->config.backend[existing] =
				merge(run, backend, &store->config.backend[existing]);
		else
			code = add_backend(run, backend, id, &existing);
		run->kept[existing] = true;
	}
	if (!code && validate_pool(run->problem, store, id))
		code = config_set_position(run->apply->config, service->node, run->problem);
	return code;
}

static int prune_backends(struct run *run)
{
	struct store *store = run->store;
	int code = 0;

	for (__u32 id = 1; !code && id < store->control->max_backends; id++) {
		__u32 service = store->config.backend[id].service;

		if (!service || run->kept[id] || store->config.backend[id].alias_of ||
		    !has_service(run, service))
			continue;
		code = check_no_flows(run, NULL, service, id);
		if (!code)
			edit_remove_backend(store, id);
	}
	return code;
}

/* Removes first, so that a VIP can move from one service to another. */
static int apply_all(struct run *run)
{
	const struct config *config = run->apply->config;
	int code = match_services(run);

	if (!code && run->apply->prune)
		code = prune_services(run);
	for (size_t i = 0; !code && i < config->service_count; i++)
		code = apply_service(run, &config->services[i], &run->service_ids[i]);
	for (size_t i = 0; !code && i < config->service_count; i++)
		code = apply_backends(run, &config->services[i], run->service_ids[i]);
	if (!code && run->apply->prune)
		code = prune_backends(run);
	return code;
}

int apply_to_store(const struct apply *apply, struct store *store, struct problem *problem)
{
	struct run run = {
		.apply = apply,
		.store = store,
		.problem = problem,
		.service_ids = calloc(apply->config->service_count + 1, sizeof(__u32)),
		.kept = calloc(store->control->max_backends, sizeof(bool)),
		.sorted = calloc(store->control->max_backends, sizeof(void *)),
	};
	int code;

	if (run.service_ids && run.kept && run.sorted)
		code = apply_all(&run);
	else
		code = problem_system(problem, -ENOMEM, "applying the configuration");
	free(run.service_ids);
	free(run.kept);
	free(run.sorted);
	return code;
}
