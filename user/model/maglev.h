/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maglev's order: a slot table to be looked into by hash, so that a client finds
 * the same backend on every balancer, and mostly keeps it when backends change.
 *
 * Each backend has a permutation of all slots of its own, which its hash begins and
 * steps through. It asks slot after slot, until it has as many as its weight says
 * (model/slot_order.h); a slot goes to whoever needed the fewest steps to come to it, even if
 * another had it before, who then asks on. Who leaves or gets lighter gives up the
 * slots that were furthest for it, and of the others' only a few change hands: a
 * twentieth to an eighth more than must, where filling the table in turns, as Maglev
 * does, moves up to a third more (tests/unit/model/test_maglev.c measures it).
 *
 * Sources: Eisenbud et al., "Maglev: a fast and reliable software network load
 * balancer", NSDI 2016, for the permutations (here the number of slots is a power of
 * two and the steps are odd); Gale and Shapley, "College admissions and the
 * stability of marriage", American Mathematical Monthly 69 (1962), for the rest.
 *
 * The table depends on hashes and weights alone, not on ids or on the order of the
 * shares. Pure: owns nothing, keeps nothing.
 */
#ifndef MODEL_MAGLEV_H
#define MODEL_MAGLEV_H

#include "model/slot_order.h"

/*
 * Fills length (LB_SLOTS, or 0 where nobody has any weight), reciprocal and all of
 * backend[]; leaves `pick` alone. Errors are those of slot_order_build().
 */
int maglev_build(struct lb_slots *slots, const struct slot_share *shares, size_t count);

#endif
