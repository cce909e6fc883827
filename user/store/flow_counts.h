/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flow counts: the number of flows on each backend, for schedulers and limits that need it.
 *
 * User space writes the weight-dependent price of a flow and the limits, counts the flows
 * that existed before counting began, and starts the sweep. The datapath does the rest
 * (bpf/flow/flow_counts.h).
 */
#ifndef STORE_FLOW_COUNTS_H
#define STORE_FLOW_COUNTS_H

#include <linux/types.h>

#include "lb/flow.h"
#include "model/weight.h"
#include "store/rcu_grace.h"

struct store;

/* A backend id is reused: its flow count and response times start at 0. */
void flow_counts_reset(struct store *store, __u32 backend);

/* Writes the price of a flow, and the limits, for all backends of a service. */
void flow_counts_write(struct store *store, __u32 service, enum weight_mode mode);

/*
 * Counts all live flows of backends that have LB_BACKEND_COUNTED by now, and starts the
 * sweep. Waits first, until packets count the flows that they insert. Returns 0 or a
 * negative errno.
 */
int flow_counts_start(struct store *store, const struct rcu_grace *grace);

/* Takes a flow entry out of its backend's count, if it is counted. */
void flow_counts_remove(struct store *store, struct lb_flow *entry);

#endif
