/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Diff of two snapshots of the configuration: the services and backends with different
 * records, and the weights of all pools in both.
 *
 * A commit makes one diff. Publishing, the event log, the revision and `lbctl diff` all work
 * from it, so none of them scans the backends again.
 *
 * The diff owns its lists, until config_diff_release(). The records belong to the store.
 */
#ifndef STORE_CONFIG_DIFF_H
#define STORE_CONFIG_DIFF_H

#include "model/weight.h"
#include "store/store.h"

/* A record that differs. A record of zeros means that the id was free, or is now. */
struct service_change {
	__u32 id;
	const struct lb_service_config *old, *new;
};

struct backend_change {
	__u32 id;
	const struct lb_backend_config *old, *new;
};

struct config_diff {
	const struct lb_control *limits;
	struct snapshot old, new;
	struct service_change *services; /* by ascending id */
	size_t service_count;
	struct backend_change *backends; /* by ascending id */
	size_t backend_count;
	struct weight_sum *old_weights, *new_weights; /* by service id */
};

/*
 * Makes an empty diff of a store's committed snapshot and its working copy. Returns 0 or
 * -ENOMEM. The caller releases it in either case.
 */
int config_diff_create(struct config_diff *diff, const struct store *store);
void config_diff_release(struct config_diff *diff);

/*
 * Compares all services; compares one backend. The caller walks through the backends, by
 * ascending id, so that it can do its own work on each in the same pass.
 */
void config_diff_add_services(struct config_diff *diff);
void config_diff_add_backend(struct config_diff *diff, __u32 id);

bool config_diff_is_empty(const struct config_diff *diff);

/* True if the diff has more than results of checks and measurements. */
bool config_diff_has_operator_changes(const struct config_diff *diff);

/* Which results count for the weights of a service, before and after; see model/weight.h. */
enum weight_mode config_diff_old_mode(const struct config_diff *diff, __u32 service);
enum weight_mode config_diff_new_mode(const struct config_diff *diff, __u32 service);

#endif
