/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Weights: what a backend is to get, from what was configured, what the operator
 * said since, and what checks and measurements say. Kept apart, and multiplied only here:
 *
 *   effective = overridden or configured weight x latency factor x slow start,
 *               0 unless ready and not down
 *
 * What checks and measurements say is only as good as there is somebody else. Where all
 * of a service's backends that could take flows are down, it fails open: health does not
 * count, for a service that might work is better than none. If it spills to a service that has
 * somebody up, that is better still, and it does not. Where less than half of their
 * weight is up, latency does not count: who is left is slow because of what it has to bear.
 *
 * Weights are held in 1/1000, so that percentages of small numbers are exact.
 * Pure: owns nothing.
 */
#ifndef MODEL_WEIGHT_H
#define MODEL_WEIGHT_H

#include "lb/abi.h"

/* The operator's weight: the override if there is one. */
__u32 weight_base_milli(const struct lb_backend_config *backend);

/* The weights of a pool's backends that are ready, and of those that are also not down. */
struct weight_sum {
	__u64 ready;
	__u64 up;
};

void weight_sum_add(struct weight_sum *sum, const struct lb_backend_config *backend);

/* Which results of checks and measurements count for a service. */
enum weight_mode {
	WEIGHT_NORMAL, /* health and latency factors */
	WEIGHT_NO_LATENCY, /* health only */
	WEIGHT_FAIL_OPEN, /* neither */
};

/* From the service's own pool, and that of the service it spills to (zeros = none). */
enum weight_mode weight_mode(const struct weight_sum *own, const struct weight_sum *spill);

/* A backend without what does not count: what becomes of it is to be reckoned by this. */
struct lb_backend_config weight_apply_mode(const struct lb_backend_config *backend,
					   enum weight_mode mode);

/* What the scheduler goes by; rr treats all that have a weight alike. */
__u32 weight_effective_milli(const struct lb_backend_config *backend, enum lb_scheduler scheduler);

/*
 * For lb_load.bound: the part of its service's flows that a backend may have, so many
 * times (factor, in 1/1000) its share of a sum of weights; 0 without a factor.
 */
__u32 weight_bound(__u32 milli, __u64 sum, __u32 factor_milli);

/*
 * Reads "7" (absolute), "50%" (of the configured weight), "+2", "-2" (on what is
 * wanted now) into *milli, or LB_NO_OVERRIDE where that is the configured weight
 * itself. Returns 0; -EINVAL for no such form; -ERANGE outside 0..LB_WEIGHT_MAX.
 */
int weight_parse(const char *text, const struct lb_backend_config *backend, __u32 *milli);

#endif
