/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Health updates: writes probe results, health and slow starts into the store, for the
 * controller and for `lbctl check`. It is the only writer of health records, of slow_start_milli,
 * and of lb_backend_config.health, except that `--check none` resets the health.
 *
 * Every function needs the store open for writing. Health and slow starts take effect with the
 * next commit.
 */
#ifndef CONTROLLER_HEALTH_UPDATE_H
#define CONTROLLER_HEALTH_UPDATE_H

#include <stdbool.h>

#include "controller/targets.h"

struct lb_backend_config;
struct store;

/*
 * Writes the target's report to its backends, and sets target->delay_ms, the delay to the next
 * probe. If `with_slow_start`, a backend that comes up begins a slow start.
 */
void health_update_record(struct store *store, struct check_target *target, bool with_slow_start);

/* Returns the probe interval of a target after a passive failure. */
__u32 health_update_urgent_ms(const struct check *check);

/*
 * Begins slow starts of backends that were added, or left maintenance, since `previous`, the
 * backends of an earlier configuration by id.
 */
void health_update_begin_slow_starts(struct store *store, const struct lb_backend_config *previous);

/* Advances all slow starts to the current time. Returns true while any is running. */
bool health_update_step_slow_starts(struct store *store);

#endif
