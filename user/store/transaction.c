// SPDX-License-Identifier: GPL-2.0-only
/* Committing: what a writer changed becomes the configuration, and is published. */
#include <string.h>

#include "store/event_log.h"
#include "store/publish.h"
#include "store/store.h"

bool store_has_changes(const struct store *store)
{
	const struct lb_control *control = store->control;
	const struct snapshot *old = store_committed(store);

	return memcmp(store->config.service, old->service,
		      control->max_services * sizeof(*store->config.service)) ||
	       memcmp(store->config.backend, old->backend,
		      control->max_backends * sizeof(*store->config.backend));
}

/* What operators said of a backend, without what checks and measurements do. */
static struct lb_backend_config operator_settings(const struct lb_backend_config *backend)
{
	struct lb_backend_config settings = *backend;

	settings.health = 0;
	settings.latency_milli = settings.slow_start_milli = 0;
	return settings;
}

/* Is any of a commit's changes an operator's? */
static bool has_operator_changes(const struct store *store)
{
	const struct lb_control *control = store->control;
	const struct snapshot *old = store_committed(store);

	if (memcmp(store->config.service, old->service,
		   control->max_services * sizeof(*store->config.service)))
		return true;
	for (__u32 id = 1; id < control->max_backends; id++) {
		struct lb_backend_config now = operator_settings(&store->config.backend[id]),
					 then = operator_settings(&old->backend[id]);

		if (memcmp(&now, &then, sizeof(now)))
			return true;
	}
	return false;
}

__u64 store_revision(const struct store *store)
{
	return store->control->revision[store->control->generation & 1];
}

/* What nobody checks or measures any more is not known. */
static void clear_stale_results(struct store *store)
{
	for (__u32 id = 1; id < store->control->max_backends; id++) {
		struct lb_backend_config *backend = &store->config.backend[id];
		const struct lb_service_config *service = &store->config.service[backend->service];

		if (backend->service && !service->check[0])
			backend->health = LB_HEALTH_UNKNOWN;
		if (backend->service && service->feedback != LB_FEEDBACK_ON)
			backend->latency_milli = 0;
	}
}

int store_commit(struct store *store, bool *changed)
{
	struct lb_control *control = store->control;
	struct publication next;
	int error;

	clear_stale_results(store);
	*changed = store_has_changes(store);
	if (!*changed)
		return 0;
	error = publish_prepare(&next, store, false);
	if (!error) {
		control->revision[~control->generation & 1] =
			store_revision(store) + has_operator_changes(store);
		__atomic_store_n(&control->generation, control->generation + 1, __ATOMIC_SEQ_CST);
		event_log_compare(store);
		error = publish_activate(&next);
	}
	publish_release(&next);
	return error;
}
