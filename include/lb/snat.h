/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ports of snat: the endpoints of ours that backends see in the clients' place.
 */
#ifndef LB_SNAT_H
#define LB_SNAT_H

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

/* A flow of this hash (lb_flow_hash()) has its place in one of so many buckets: the first of each. */
#define LB_PORT_BUCKETS_TRIED 2

static inline __u32 lb_port_bucket(__u64 hash, __u32 try, __u16 first_source, __u16 source_count)
{
	__u64 mixed = try ? hash * 0x9e3779b97f4a7c15ULL : hash;
	__u32 source = first_source + (((mixed & 0xffffffff) * source_count) >> 32);

	return source * LB_PORTS + LB_PORT_FIRST +
	       lb_scale(mixed, LB_PORT_BUCKETS) * LB_PORT_BUCKET;
}

_Static_assert(sizeof(struct lb_port) == 32, "two ports a cache line");

#endif
