// SPDX-License-Identifier: GPL-2.0-only
/* Committing: what a writer changed becomes the configuration, and is published. */
#include <string.h>

#include "store/event_log.h"
#include "store/publish.h"
#include "store/store.h"

bool store_differs(const struct store *store)
{
	const struct lb_control *control = store->control;
	__u64 holds = control->generation & 1;

	return memcmp(store->service, store->service_config + holds * control->max_services,
		      control->max_services * sizeof(*store->service)) ||
	       memcmp(store->backend, store->backend_config + holds * control->max_backends,
		      control->max_backends * sizeof(*store->backend));
}

/* What operators said of a backend, without what checks and measurements do. */
static struct lb_backend_config said(const struct lb_backend_config *backend)
{
	struct lb_backend_config words = *backend;

	words.health = 0;
	words.latency_milli = words.slow_start_milli = 0;
	return words;
}

/* Is any of a commit's changes an operator's? */
static bool operator_differs(const struct store *store)
{
	const struct lb_control *control = store->control;
	__u64 holds = control->generation & 1;
	const struct lb_backend_config *before =
		store->backend_config + holds * control->max_backends;

	if (memcmp(store->service, store->service_config + holds * control->max_services,
		   control->max_services * sizeof(*store->service)))
		return true;
	for (__u32 id = 1; id < control->max_backends; id++) {
		struct lb_backend_config now = said(&store->backend[id]), then = said(&before[id]);

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
static void forget_measured(struct store *store)
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

	forget_measured(store);
	*changed = store_differs(store);
	if (!*changed)
		return 0;
	error = publish_prepare(&next, store, false);
	if (!error) {
		control->revision[~control->generation & 1] =
			store_revision(store) + operator_differs(store);
		__atomic_store_n(&control->generation, control->generation + 1, __ATOMIC_SEQ_CST);
		event_compare(store);
		error = publish_show(&next);
	}
	publish_release(&next);
	return error;
}
