/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The flow memory as userspace sees it: mapped, so that a million flows are
 * counted, listed or forgotten at the speed of memory, without a system call.
 *
 * Packets go on changing it; a flow is handed out as a copy whose two words
 * belong together.
 */
#ifndef STORE_FLOW_TABLE_H
#define STORE_FLOW_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/flow.h"

struct store;

typedef bool (*flow_test)(const struct lb_flow *flow, void *argument);

/* The tick of the clock that flows expire by. */
__u32 flow_clock_now(const struct store *store);

/* How many flows pass the test, which may do what else it likes with each. */
size_t flow_table_each(const struct store *store, flow_test test, void *argument);

/* Whose a flow is. */
struct flow_client {
	__u64 address[2];
	__be16 port;
	__be16 vip_port; /* the service's port, as the client named it */
	__u16 service; /* id */
};

/* Finds a flow, alive or not, among those of the memory and of snat; false if it is in neither. */
bool flow_table_find(const struct store *store, const struct flow_client *client,
		     struct lb_flow *flow);

/* Forgets the flows that pass the test; how many they were. Needs a writing store. */
size_t flow_table_delete(struct store *store, flow_test test, void *argument);

/* Counts live flows by backend id; `counts` has room for max_backends. */
void flow_table_count_per_backend(const struct store *store, __u64 *counts);

/* Live flows with one backend, or 0 for a service id only, or both 0 for all. */
size_t flow_table_count(const struct store *store, __u32 service, __u32 backend);

/* A flow's state in the words of `lbctl flow list`. */
const char *flow_state_name(__u8 state);

/*
 * Since a flow began, and since its last packet: to within the 32nd of its timeout that
 * writing is spared.
 */
__u64 flow_table_age_ms(const struct store *store, const struct lb_flow *flow, __u32 now);
__u64 flow_table_idle_ms(const struct store *store, const struct lb_flow *flow, __u32 now);

#endif
