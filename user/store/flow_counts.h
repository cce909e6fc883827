/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads: what backends have to do, as schedulers see it. Userspace says what a flow
 * costs each, has the flows that were there before a count began join it, and starts the
 * sweep; the datapath does the rest (bpf/flow/flow_counts.h).
 */
#ifndef STORE_FLOW_COUNTS_H
#define STORE_FLOW_COUNTS_H

#include <linux/types.h>

#include "lb/flow.h"
#include "model/weight.h"

struct publication;
struct store;

/* A backend's id is given to another: its load and response times begin at 0. */
void flow_counts_reset(struct store *store, __u32 backend);

/* Tells packets what flows of a service's backends cost them, by their weights. */
void flow_counts_write_prices(struct store *store, __u32 service, enum weight_mode mode);

/* Tells packets how many flows they may have. */
void flow_counts_write_limits(struct store *store, __u32 service, enum weight_mode mode);

/*
 * Before packets are given to backends by their loads: every flow that is alive is
 * counted, and the sweep runs. Returns 0 or a negative errno.
 */
int flow_counts_start(struct publication *publication);

/* Ends the count of a place in the flow memory, if it is counted. */
void flow_counts_remove(struct store *store, struct lb_flow *entry);

#endif
