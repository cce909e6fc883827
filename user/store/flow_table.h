/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flow table as user space sees it: mapped memory, so that a million flows are counted,
 * listed or deleted without a system call.
 *
 * SNAT flows are in a table of their own (lb/snat.h). These functions cover both, and show
 * an SNAT flow with the key that it would have in the flow table.
 *
 * Packets change the table at the same time. A flow is passed on as a copy, in which key
 * and data belong together.
 */
#ifndef STORE_FLOW_TABLE_H
#define STORE_FLOW_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/flow.h"

struct store;

typedef bool (*flow_test)(const struct lb_flow *flow, void *argument);

/* Calls `test` for all flows, expired ones included. Returns how many it returned true for. */
size_t flow_table_each(const struct store *store, flow_test test, void *argument);

/* The client's end of a flow, and the service that it belongs to. */
struct flow_client {
	__u64 address[2];
	__be16 port;
	__be16 vip_port; /* the destination port of the client's packets */
	__u16 service; /* id */
};

/* Finds a flow, expired or not. Returns false if there is none. */
bool flow_table_find(const struct store *store, const struct flow_client *client,
		     struct lb_flow *flow);

/*
 * Deletes the flows for which `test` returns true, and all SNAT flows from addresses that no
 * service uses any more. Returns how many. Needs the store open for writing.
 */
size_t flow_table_delete(struct store *store, flow_test test, void *argument);

/* Adds up live flows by backend id; `counts` has room for max_backends. */
void flow_table_count_per_backend(const struct store *store, __u64 *counts);

/*
 * Counts live flows: of a backend, those of its aliases included; with backend 0, of a
 * service; with both 0, all.
 */
size_t flow_table_count(const struct store *store, __u32 service, __u32 backend);

/* "established": a flow state as `lbctl flow list` names it. */
const char *flow_state_name(__u8 state);

/*
 * The time since a flow began, and since its last packet. Packets renew an entry only when
 * 1/32 of its timeout has passed, so the idle time may be too long by that much.
 */
__u64 flow_table_age_ms(const struct store *store, const struct lb_flow *flow, __u32 now);
__u64 flow_table_idle_ms(const struct store *store, const struct lb_flow *flow, __u32 now);

#endif
