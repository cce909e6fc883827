/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The view: what an operator is shown of an instance, gathered in one pass over
 * configuration, counters and flow memory. Reports are made of it.
 *
 * It points into the store, which must stay open; the rest it owns.
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
	__u64 spilled_flows; /* besides: those of other services that spill to this one */
	struct lb_latency latency; /* all 0: nothing was timed */
};

struct view_service {
	__u32 id;
	const struct lb_service_config *config;
	struct lb_traffic traffic; /* of its backends, gone ones included, and what is spilled */
	__u64 flows;
	struct lb_traffic spilled; /* what goes to another service's backends */
	__u64 spilled_flows;
	bool fails_open; /* all backends are down, and get flows nevertheless */
	struct view_backend *backends;
	size_t backend_count;
};

struct view {
	__u64 generation;
	__u64 events; /* noted so far */
	__u32 controller; /* the controller's process id; 0 = none is running */
	struct datapath_interface *interfaces;
	size_t interface_count;
	struct view_service *services;
	size_t service_count;
	struct lb_outcomes outcomes;
};

/* 0 or a negative errno. */
int view_collect(struct view *view, const struct store *store, const char *instance);
void view_release(struct view *view);

const struct view_service *view_service(const struct view *view, __u32 id);
const struct view_backend *view_backend(const struct view_service *service, __u32 id);

/* How long its answers took: since it was added, or since an earlier view, if there is one. */
struct latency_stats view_latency(const struct view_backend *now,
				  const struct view_backend *before);

/* Were answers of any of its backends timed? */
bool view_has_latency(const struct view *view);

/* Is anything not as it should be: no interface, a service without a backend, one down? */
bool view_is_degraded(const struct view *view);

#endif
