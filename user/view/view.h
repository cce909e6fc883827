/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Snapshot of an instance for display: configuration, counters and flow counts, collected in one
 * pass.
 *
 * It has pointers into the store, which must stay open; it owns everything else.
 */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include <stdbool.h>

#include "base/address.h"
#include "datapath/attach.h"
#include "lb/abi.h"
#include "model/backend_flags.h"
#include "model/latency.h"
#include "model/outcome.h"
#include "model/service_settings.h"

struct store;

struct view_backend {
	__u32 id;
	const struct lb_backend_config *config;
	const struct lb_health_record *health_record;
	const struct lb_feedback_record *feedback_record;
	double effective_weight;
	struct lb_traffic traffic;
	__u64 flows;
	__u64 spilled_flows; /* flows of other services that spill to it, not part of `flows` */
	struct lb_latency latency; /* all 0 = no request was sampled */
};

struct view_service {
	__u32 id;
	const struct lb_service_config *config;
	struct lb_traffic traffic; /* of all backends, deleted ones included, and spilled traffic */
	__u64 flows;
	struct lb_traffic spilled; /* to backends of the spillover service */
	__u64 spilled_flows;
	bool fails_open; /* all backends are down, so health is ignored */
	struct view_backend *backends;
	size_t backend_count;
};

struct view {
	__u64 generation;
	__u64 events; /* recorded so far */
	__u32 controller; /* process id of the controller; 0 = none is running */
	struct datapath_interface *interfaces;
	size_t interface_count;
	struct view_service *services;
	size_t service_count;
	struct lb_outcomes outcomes;
};

/* Returns 0, and the caller releases the view; or a negative errno. */
int view_collect(struct view *view, const struct store *store, const char *instance);
void view_release(struct view *view);

/* Return NULL if there is none with this id. */
const struct view_service *view_find_service(const struct view *view, __u32 id);
const struct view_backend *view_find_backend(const struct view_service *service, __u32 id);

/* Response times since an earlier view or, if `before` is NULL, since the backend was added. */
struct latency_stats view_latency(const struct view_backend *now,
				  const struct view_backend *before);

/* Was any request sampled? */
bool view_has_latency(const struct view *view);

/* Is an interface detached, a service without a usable backend, or a backend down? */
bool view_is_degraded(const struct view *view);

#endif
