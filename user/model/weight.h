/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Effective weight of a backend, from its configuration, overrides, health and measurements.
 * These are stored separately and multiplied only here:
 *
 *   effective = overridden or configured weight x latency factor x slow start,
 *               0 unless ready and not down
 *
 * Fail open: if all ready backends of a service are down, health does not count, because a
 * service that may work is better than none. It does not fail open if it spills to a service
 * with a backend up. If less than half of the weight is up, latency factors do not count: the
 * remaining backends are slow because of their load.
 *
 * Weights are in 1/1000, so that percentages of small numbers are exact.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_WEIGHT_H
#define MODEL_WEIGHT_H

#include "lb/abi.h"

/* Returns the override if there is one, else the configured weight. */
__u32 weight_base_milli(const struct lb_backend_config *backend);

/* Sums of the weights of a service's ready backends, and of those that are not down. */
struct weight_sum {
	__u64 ready;
	__u64 up;
};

void weight_sum_add(struct weight_sum *sum, const struct lb_backend_config *backend);

/* Which inputs count for a service. */
enum weight_mode {
	WEIGHT_NORMAL, /* all */
	WEIGHT_NO_LATENCY, /* not latency */
	WEIGHT_FAIL_OPEN, /* neither latency nor health */
};

/*
 * Returns the mode of a service from the weights of its own backends, and of those of the
 * service that it spills to; zeros = none.
 */
enum weight_mode weight_mode(const struct weight_sum *own, const struct weight_sum *spill);

/* Returns a copy of the backend without the inputs that do not count in this mode. */
struct lb_backend_config weight_apply_mode(const struct lb_backend_config *backend,
					   enum weight_mode mode);

/* Returns the weight for the scheduler; with rr, all positive weights are equal. */
__u32 weight_effective_milli(const struct lb_backend_config *backend, enum lb_scheduler scheduler);

/*
 * Returns lb_load.bound, the maximum share of the service's flows: the backend's share of a sum
 * of weights times a factor in 1/1000; 0 without a factor.
 */
__u32 weight_bound(__u32 milli, __u64 sum, __u32 factor_milli);

/*
 * Parses "7" (absolute), "50%" (of the configured weight), or "+2" and "-2" (relative to the
 * current weight). *milli is LB_NO_OVERRIDE if the result is the configured weight. Returns 0;
 * -EINVAL for another form; -ERANGE outside 0 to LB_WEIGHT_MAX.
 */
int weight_parse(const char *text, const struct lb_backend_config *backend, __u32 *milli);

#endif
