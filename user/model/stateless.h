/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steady services: their slot table alone says whose a flow is, and the flow memory is asked
 * only where a slot has changed its owner of late (bpf/select/stateless.h).
 *
 * That takes a hash that names the owner (maglev, source), backends that answer past us, so
 * that no reply needs the memory, and flows whose beginning can be told (TCP). And nothing may
 * depend on counts of flows: no limits, no persistence by client, nobody to spill to.
 *
 * A table follows the one in use: it keeps in before[] whose flows are that are not
 * remembered, as long as packets ask for that. Pure: owns nothing.
 */
#ifndef MODEL_STATELESS_H
#define MODEL_STATELESS_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/abi.h"
#include "model/slot_order.h"

/* Is a service steady? `is_limited`: one of its backends may have so many flows only. */
bool stateless_is_possible(const struct lb_service_config *service, bool is_limited);

/*
 * Completes a table whose owners, `pick`, `steady` and `forward` are filled in: `present` is
 * the one that packets use, or NULL for a service that is new; `is_in_transition` says whether
 * packets ask for its before[].
 */
void stateless_fill_previous(struct lb_slots *next, const struct lb_slots *current,
			     bool is_in_transition);

/* Has before[] name those only that the service still has; `shares` are all of these. */
void stateless_prune_previous(struct lb_slots *table, const struct slot_share *shares,
			      size_t count);

#endif
