/* SPDX-License-Identifier: GPL-2.0-only */
/* What backends have to do, for schedulers that ask. */
#ifndef LB_LOAD_H
#define LB_LOAD_H

#include <linux/types.h>

#define LB_PRICE_MAX (1U << 22)

/*
 * loads: ARRAY of 1, mapped by userspace: an array by backend id. What a backend has to
 * do, for the schedulers that ask. `flows` is the number of places in the flow
 * memory that are marked as counted and hold the backend's id: whoever sets or clears a
 * mark adds to it, by atomic addition. Userspace writes `price`, `max_flows`, `bound` and
 * `alias_of`, and starts all at 0 before an id is published; packets write the rest. What a
 * deputy has to do, the backend has that it stands for.
 */
struct lb_load {
	__u32 flows;
	__u32 price; /* of a flow: LB_PRICE_MAX for its service's least weight, twice that, half */
	__u32 response_us; /* request to first byte of the answer, smoothed; 0 = not known */
	__u32 response_tick; /* of the last sample */
	__u32 max_flows; /* 0 = as many as come */
	__u32 bound; /* the part of its service's flows that it may have, in 2^-LB_BOUND_SHIFT; 0 = all */
	__u32 alias_of; /* another backend: its load counts; 0 = this one */
	__u32 zero;
};

_Static_assert(sizeof(struct lb_load) == 32, "two loads a cache line");

#endif
