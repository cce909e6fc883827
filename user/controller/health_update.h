/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checkups: what came of probes, written into the store, for the controller and for
 * `lbctl check` alike; and slow starts, which follow from health. It is the only writer of
 * vitals, of lb_backend_config.health but for --check none, and of slow_start_milli.
 *
 * All of it needs the store open for writing; health and slow starts then wait for a commit.
 */
#ifndef CONTROLLER_HEALTH_UPDATE_H
#define CONTROLLER_HEALTH_UPDATE_H

#include <stdbool.h>

#include "controller/targets.h"

struct lb_backend_config;
struct store;

/* CLOCK_MONOTONIC, by which probes and slow starts are timed. */
__u64 health_now_ms(void);

/*
 * Writes what came of a target's probe to its backends, and when the next one is due to
 * target->delay_ms. With `slowly`, who comes back begins a slow start.
 */
void health_update_record(struct store *store, struct check_target *target, bool with_slow_start);

/* The interval between the probes of a target that is suspected. */
__u32 health_update_suspect_ms(const struct check *check);

/*
 * Begins slow starts of those who were added, or came back from maintenance, since the
 * store's backends were as they are in `seen`, by id.
 */
void health_update_begin_slow_starts(struct store *store, const struct lb_backend_config *previous);

/* Takes all slow starts on to where they should be; true while there are any. */
bool health_update_step_slow_starts(struct store *store);

#endif
