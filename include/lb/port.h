/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ports of snat: the endpoints of ours that backends see in the clients' place.
 */
#ifndef LB_PORT_H
#define LB_PORT_H

#include "lb/abi.h"

/*
 * ports: ARRAY of 1, mapped by userspace: an array by source address and port. One
 * remembered flow of snat; its place is the endpoint that the backend sees. The flow's
 * key has the client's port and the service; see include/lb/flow.h.
 */
struct lb_port {
	__u64 client[2];
	struct lb_flow flow;
};

/* `asked`: the port, where the service is on all of them; else 0. */
static inline __u64 lb_port_key(__be16 client_port, __be16 asked, __u16 service)
{
	return (__u64)asked << 32 | (__u64)client_port << 16 | service;
}

_Static_assert(sizeof(struct lb_port) == 32, "two ports a cache line");

#endif
