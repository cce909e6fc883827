/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checkups: what came of probes, written into the store, for the controller and for
 * `lbctl check` alike; and slow starts, which follow from health. It is the only writer of
 * vitals, of lb_backend_config.health but for --check none, and of slow_start_milli.
 *
 * All of it needs the store open for writing; health and slow starts then wait for a commit.
 */
#ifndef CHECKUP_H
#define CHECKUP_H

#include <stdbool.h>

#include "roster.h"

struct store;

/* CLOCK_MONOTONIC, by which probes and slow starts are timed. */
__u64 checkup_now_ms(void);

/*
 * Writes what came of a target's probe to its backends, and when the next one is due to
 * target->delay_ms. With `slowly`, who comes back begins a slow start.
 */
void checkup_record(struct store *store, struct roster_target *target, bool slowly);

/* Begins a backend's slow start, if there are others in its service to take the rest. */
void checkup_begin_slow_start(struct store *store, __u32 backend);

/* Takes all slow starts on to where they should be; true while there are any. */
bool checkup_step_slow_starts(struct store *store);

#endif
