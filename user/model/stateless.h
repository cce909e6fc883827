/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stateless services: the slot table alone gives the backend of a flow. The flow table is used
 * only in a transition, for slots that changed their owner (bpf/select/stateless.h).
 *
 * A stateless service needs a scheduler by hash (maglev, source); direct server return or a
 * tunnel, so that no reply needs a flow entry; and flows with a recognisable start (TCP).
 * Nothing may depend on the number of flows: no limits, no client persistence, no spillover.
 *
 * A new table succeeds the one in use. During a transition previous[] keeps the owners of
 * flows without entries.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_STATELESS_H
#define MODEL_STATELESS_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/abi.h"
#include "model/slot_order.h"

/* Returns whether a service can be stateless. `is_limited`: a backend has a flow limit. */
bool stateless_is_possible(const struct lb_service_config *service, bool is_limited);

/*
 * Fills previous[] and its mode. The owners, pick, stateless and forward of `next` are set.
 * `current` is the table that packets use; NULL for a new service. `is_in_transition`: packets
 * use its previous[].
 */
void stateless_fill_previous(struct lb_slots *next, const struct lb_slots *current,
			     bool is_in_transition);

/* Removes backends from previous[] that the service no longer has; `shares` lists the others. */
void stateless_prune_previous(struct lb_slots *table, const struct slot_share *shares,
			      size_t count);

#endif
