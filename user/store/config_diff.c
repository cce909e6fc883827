// SPDX-License-Identifier: GPL-2.0-only
#include "store/config_diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/lookup.h"

int config_diff_create(struct config_diff *diff, const struct store *store)
{
	__u32 max_services = store->control->max_services;

	*diff = (struct config_diff){
		.limits = store->control,
		.old = *store_committed(store),
		.new = store->config,
		.services = calloc(max_services, sizeof(*diff->services)),
		.backends = calloc(store->control->max_backends, sizeof(*diff->backends)),
		.old_weights = calloc(max_services, sizeof(*diff->old_weights)),
		.new_weights = calloc(max_services, sizeof(*diff->new_weights)),
	};
	return diff->services && diff->backends && diff->old_weights && diff->new_weights ? 0
											  : -ENOMEM;
}

void config_diff_release(struct config_diff *diff)
{
	free(diff->services);
	free(diff->backends);
	free(diff->old_weights);
	free(diff->new_weights);
	*diff = (struct config_diff){0};
}

void config_diff_add_services(struct config_diff *diff)
{
	for (__u32 id = 1; id < diff->limits->max_services; id++) {
		const struct lb_service_config *old = &diff->old.service[id];
		const struct lb_service_config *new = &diff->new.service[id];

		if (memcmp(old, new, sizeof(*old)))
			diff->services[diff->service_count++] =
				(struct service_change){id, old, new};
	}
}

void config_diff_add_backend(struct config_diff *diff, __u32 id)
{
	const struct lb_backend_config *old = &diff->old.backend[id];
	const struct lb_backend_config *new = &diff->new.backend[id];

	if (old->service)
		weight_sum_add(&diff->old_weights[old->service], old);
	if (new->service)
		weight_sum_add(&diff->new_weights[new->service], new);
	if (memcmp(old, new, sizeof(*old)))
		diff->backends[diff->backend_count++] = (struct backend_change){id, old, new};
}

bool config_diff_is_empty(const struct config_diff *diff)
{
	return !diff->service_count && !diff->backend_count;
}

/* What operators set of a backend, without results of checks and measurements. */
static struct lb_backend_config operator_settings(const struct lb_backend_config *backend)
{
	struct lb_backend_config settings = *backend;

	settings.health = 0;
	settings.latency_milli = settings.slow_start_milli = 0;
	return settings;
}

bool config_diff_has_operator_changes(const struct config_diff *diff)
{
	if (diff->service_count)
		return true;
	for (size_t i = 0; i < diff->backend_count; i++) {
		struct lb_backend_config old = operator_settings(diff->backends[i].old);
		struct lb_backend_config new = operator_settings(diff->backends[i].new);

		if (memcmp(&old, &new, sizeof(old)))
			return true;
	}
	return false;
}

/* The sums of id 0, no service, stay 0. */
static enum weight_mode mode_of(const struct config_diff *diff, const struct snapshot *snapshot,
				const struct weight_sum *weights, __u32 service)
{
	__u32 spill = snapshot_spill_target(snapshot, diff->limits, service);

	return weight_mode(&weights[service], &weights[spill]);
}

enum weight_mode config_diff_old_mode(const struct config_diff *diff, __u32 service)
{
	return mode_of(diff, &diff->old, diff->old_weights, service);
}

enum weight_mode config_diff_new_mode(const struct config_diff *diff, __u32 service)
{
	return mode_of(diff, &diff->new, diff->new_weights, service);
}
