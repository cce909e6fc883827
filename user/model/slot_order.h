/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slot tables: who shall have the next flow, worked out beforehand.
 *
 * A service's effective weights become a table of backend ids. The datapath
 * takes one slot per new flow, so the table's counts are the proportions and its
 * order is the smoothness; neither costs a packet anything.
 *
 * Counts: weights are divided by their greatest common divisor. Where their sum
 * then fits in LB_SLOTS they are served exactly, by as many whole periods of that
 * sum as fit. Otherwise all LB_SLOTS slots are apportioned by largest remainder
 * (Hamilton's method); a positive weight too small for one slot gets one, and
 * the others share what is left.
 *
 * Order: a backend with w of S slots has its k-th turn (from 0) no earlier than
 * slot floor(k * S / w) and before slot ceil((k + 1) * S / w); of the turns that
 * may be taken, the one with the earliest deadline is. All deadlines are met, and
 * any first t slots hold each backend less than one away from t * w / S times.
 * Source: Baruah, Cohen, Plaxton, Varvel, "Proportionate progress: a notion of
 * fairness in resource allocation", Algorithmica 15 (1996). Cost: O(S log n).
 *
 * Pure: owns nothing, keeps nothing. Weights are in 1/1000; ids as in the ABI.
 */
#ifndef MODEL_SLOT_ORDER_H
#define MODEL_SLOT_ORDER_H

#include <stddef.h>

#include "lb/abi.h"

/* What one backend is to get. */
struct slot_share {
	__u16 backend; /* id */
	__u32 milli; /* effective weight in 1/1000; 0 gets nothing */
	__u64 hash; /* of its endpoint; of interest to maglev_build() alone */
};

/* Fills member[] with who gets something, over and over, and `members`, unless they are too many. */
void slot_order_list_members(struct lb_slots *slots, const struct slot_share *shares, size_t count);

/*
 * Fills length, reciprocal and all of backend[] (zero behind length); leaves
 * the rest alone. Returns 0; -ENOMEM; or -E2BIG when more than LB_SLOTS backends
 * have a positive weight. `slots` is untouched on failure.
 */
int slot_order_build(struct lb_slots *slots, const struct slot_share *shares, size_t count);

/* The same, with a length of LB_SLOTS (or 0) always, by largest remainder where need be. */
int slot_order_build_full(struct lb_slots *slots, const struct slot_share *shares, size_t count);

#endif
