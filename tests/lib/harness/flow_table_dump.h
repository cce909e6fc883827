/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A look into the flow memory, past all code that uses it: every place is read.
 */
#ifndef TEST_LIB_HARNESS_FLOW_TABLE_DUMP_H
#define TEST_LIB_HARNESS_FLOW_TABLE_DUMP_H

#include "harness/instance.h"

/* The places that hold a flow, by its state, whether it has expired or not. */
struct flow_dump_count {
	unsigned long state[LB_FLOW_STATE_COUNT];
	unsigned long total;
	unsigned long capacity; /* that there are */
};

struct flow_dump_count flow_dump_count(const struct instance *instance);

/* The flow of a client to a service; false if it is not remembered. */
bool flow_dump_find(const struct instance *instance, const struct endpoint *client, __u16 service,
		    struct lb_flow *flow);

#endif
