/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Consistent hashing: a slot table indexed by hash, so that a client gets the same backend on
 * every balancer, and mostly keeps it when backends change.
 *
 * Each backend has its own permutation of all slots; its hash gives the first slot and the
 * step. It proposes to one slot after the other until it has the number that its weight gives
 * (model/slot_order.h). A slot accepts the backend that reached it in the fewest steps; a
 * displaced backend proposes further. A backend that leaves or loses weight gives up the slots
 * that were furthest for it, and few slots move between the others: 5 % to 12.5 % more
 * than necessary. Filling the table in turns, as in Maglev, moves up to a third more
 * (tests/unit/model/test_maglev.c measures it).
 *
 * Sources: Eisenbud et al., "Maglev: a fast and reliable software network load balancer", NSDI
 * 2016, for the permutations (here the number of slots is a power of two and the steps are
 * odd); Gale and Shapley, "College admissions and the stability of marriage", American
 * Mathematical Monthly 69 (1962), for the matching.
 *
 * The table depends on hashes and weights only, not on ids or on the order of the shares.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_MAGLEV_H
#define MODEL_MAGLEV_H

#include "model/slot_order.h"

/*
 * Fills length (LB_SLOTS, or 0 if no backend has a weight), reciprocal and all of backend[];
 * does not touch the other members. Returns what slot_order_build() returns.
 */
int maglev_build(struct lb_slots *slots, const struct slot_share *shares, size_t count);

#endif
