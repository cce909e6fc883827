/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Properties of schedulers for the datapath.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_SCHEDULER_H
#define MODEL_SCHEDULER_H

#include <stdbool.h>

#include "lb/abi.h"

/* Returns how the datapath picks a slot. */
enum lb_pick scheduler_pick(enum lb_scheduler scheduler);

/* Returns whether the slot table is a consistent hash. */
bool scheduler_is_hash(enum lb_scheduler scheduler);

/* Returns the lb_backend flags for the service's backends. */
__u32 scheduler_flags(const struct lb_service_config *service);

#endif
