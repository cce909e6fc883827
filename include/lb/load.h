/* SPDX-License-Identifier: GPL-2.0-only */
/* Load of backends: flow counts, response times and limits, for schedulers. */
#ifndef LB_LOAD_H
#define LB_LOAD_H

#include <linux/types.h>

#define LB_PRICE_MAX (1U << 22)

/*
 * loads: ARRAY of 1, mapped by userspace: an array by backend id. `flows` is the number of entries,
 * in flow table and snat_ports, that have the backend's id and LB_FLOW_COUNTED. Whatever sets or
 * clears that flag adjusts it, by atomic addition. Userspace writes `price`, `max_flows`, `bound`
 * and `alias_of`, and zeroes all before an id is published; packets write the rest. The load of an
 * alias is that of the backend that it stands for.
 */
struct lb_load {
	__u32 flows;
	__u32 price; /* of a flow: LB_PRICE_MAX for the service's least weight, half for twice it */
	__u32 response_us; /* request to first byte of the answer, smoothed; 0 = unknown */
	__u32 response_tick; /* of the last sample */
	__u32 max_flows; /* 0 = no limit */
	__u32 bound; /* largest share of its service's flows, in 2^-LB_BOUND_SHIFT; 0 = all */
	__u32 alias_of; /* count the load for this backend instead; 0 = no alias */
	__u32 zero;
};

_Static_assert(sizeof(struct lb_load) == 32, "two loads a cache line");

#endif
