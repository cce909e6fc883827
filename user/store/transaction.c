// SPDX-License-Identifier: GPL-2.0-only
/* Committing: what a writer changed becomes the configuration, and is published. */
#include <string.h>

#include "store/event_log.h"
#include "store/publish.h"
#include "store/store.h"

bool store_has_changes(const struct store *store)
{
	const struct lb_control *control = store->control;
	__u64 current = control->generation & 1;

	return memcmp(store->service, store->service_config + current * control->max_services,
		      control->max_services * sizeof(*store->service)) ||
	       memcmp(store->backend, store->backend_config + current * control->max_backends,
		      control->max_backends * sizeof(*store->backend));
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
	__u64 current = control->generation & 1;
	const struct lb_backend_config *before =
		store->backend_config + current * control->max_backends;

	if (memcmp(store->service, store->service_config + current * control->max_services,
		   control->max_services * sizeof(*store->service)))
		return true;
	for (__u32 id = 1; id < control->max_backends; id++) {
		struct lb_backend_config now = operator_settings(&store->backend[id]),
					 then = operator_settings(&before[id]);

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
		struct lb_backend_config *backend = &store->backend[id];
		const struct lb_service_config *service = &store->service[backend->service];

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
