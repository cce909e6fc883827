/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Smooth weighted round robin: computes the slot table of a service from effective weights.
 *
 * The datapath takes one slot per new flow. The counts of a backend in the table give its
 * share, and their order the smoothness; neither costs a packet anything.
 *
 * Counts: weights are divided by their greatest common divisor. If their sum fits in LB_SLOTS,
 * they are exact, and the table has as many whole periods of that sum as fit. Otherwise all
 * LB_SLOTS slots are apportioned by largest remainder (Hamilton's method). A positive weight
 * below one slot gets one, and the others share the rest.
 *
 * Order: a backend with w of S slots is placed for the k-th time (from 0) no earlier than in
 * slot floor(k * S / w) and before slot ceil((k + 1) * S / w). Of the eligible backends, the
 * one with the earliest deadline is placed. All deadlines are met, and among the first t slots
 * each backend is less than one away from t * w / S. Source: Baruah, Cohen, Plaxton, Varvel,
 * "Proportionate progress: a notion of fairness in resource allocation", Algorithmica 15
 * (1996). Cost: O(S log n).
 *
 * Pure: owns nothing. Weights are in 1/1000; ids as in the ABI.
 */
#ifndef MODEL_SLOT_ORDER_H
#define MODEL_SLOT_ORDER_H

#include <stddef.h>

#include "lb/abi.h"

/* Share of one backend. */
struct slot_share {
	__u16 backend; /* id */
	__u32 milli; /* effective weight in 1/1000; 0 = no slots */
	__u64 hash; /* of its endpoint; used by maglev_build() only */
};

/*
 * Fills member[] with the backends that have a weight, repeatedly, and `members` with their number;
 * 0 if they are more than LB_MEMBERS.
 */
void slot_order_list_members(struct lb_slots *slots, const struct slot_share *shares, size_t count);

/*
 * Fills length, reciprocal and all of backend[] (zero beyond length); does not touch the other
 * members. Returns 0; -ENOMEM; or -E2BIG if more than LB_SLOTS backends have a weight, with
 * `slots` untouched.
 */
int slot_order_build(struct lb_slots *slots, const struct slot_share *shares, size_t count);

/* The same with a length of LB_SLOTS (or 0), by largest remainder if necessary. */
int slot_order_build_full(struct lb_slots *slots, const struct slot_share *shares, size_t count);

#endif
