/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Schedulers: what each asks of the datapath. Pure: owns nothing.
 */
#ifndef MODEL_SCHEDULER_H
#define MODEL_SCHEDULER_H

#include <stdbool.h>

#include "lb/abi.h"

/* How a service's next slot is found. */
enum lb_pick scheduler_pick(enum lb_scheduler scheduler);

/* Is a service's slot table in the order of a consistent hash? */
bool scheduler_is_hash(enum lb_scheduler scheduler);

/* Flags of lb_backend that a service's backends get. */
__u32 scheduler_flags(const struct lb_service_config *service);

#endif
