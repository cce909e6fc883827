/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads all entries of the flow table, without the lookup code of lbctl or the datapath.
 */
#ifndef TEST_LIB_HARNESS_FLOW_TABLE_DUMP_H
#define TEST_LIB_HARNESS_FLOW_TABLE_DUMP_H

#include "harness/instance.h"

/* Used entries by flow state, expired ones included. */
struct flow_dump_count {
	unsigned long state[LB_FLOW_STATE_COUNT];
	unsigned long total;
	unsigned long capacity; /* entries of the table */
};

struct flow_dump_count flow_dump_count(const struct instance *instance);

/* Finds the flow entry of a client at a service. Returns false if the flow is not tracked. */
bool flow_dump_find(const struct instance *instance, const struct endpoint *client, __u16 service,
		    struct lb_flow *flow);

#endif
