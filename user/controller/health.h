/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Health state machine: rise/fall counting with flap damping.
 *
 * Rise and fall: a backend that is up goes down after `fall` consecutive failures. A backend that
 * is down comes up after `rise` consecutive passes. The first probe sets the state of an
 * unknown backend.
 *
 * Interval: from the start of one probe to the start of the next, minus up to a tenth of
 * jitter. While the last result contradicts the state, the check's fast interval applies. A
 * backend that fails is therefore down within `fall` intervals plus a timeout, and up within
 * `rise` intervals after it recovers.
 *
 * Flap damping: lost probes would make the state change repeatedly. Each false alarm (a streak that
 * ends before it changes the state) adds 2 to a penalty, each state change adds 1. The penalty
 * decays by 1 per 8 intervals. The backend is flapping from a penalty of 4 until it is below 2.
 * While it flaps:
 *   - It goes down only if every probe fails for the whole time that a normal fall may take
 *     (`fall` - 1 intervals plus a timeout), at 4 probes per interval.
 *   - That time is doubled in the first minute after it came up.
 *   - It comes up no sooner than a minute after it went down.
 *
 * Pure: owns nothing. It updates an lb_health_record, which is in the store: rounds of `lbctl
 * check` accumulate like a controller's probes. Times are CLOCK_MONOTONIC.
 */
#ifndef CONTROLLER_HEALTH_H
#define CONTROLLER_HEALTH_H

#include <stdbool.h>

#include "lb/abi.h"
#include "model/check_spec.h"

/* Time for which a flapping backend holds a new state. */
#define HEALTH_HOLD_MS 60000

struct health_result {
	bool passed;
	__u64 began_ms;
	__u64 ended_ms;
};

/* Adds a probe result to the record. Returns the new state. */
enum lb_health health_add_result(struct lb_health_record *record, enum lb_health health,
				 const struct check *check, const struct health_result *result);

/* Returns the delay from the start of the last probe to the next; `random` is the jitter. */
__u32 health_delay_ms(const struct lb_health_record *record, enum lb_health health,
		      const struct check *check, __u32 random);

#endif
