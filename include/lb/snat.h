/* SPDX-License-Identifier: GPL-2.0-only */
/* SNAT ports: the source addresses and ports that backends see in place of the clients'. */
#ifndef LB_SNAT_H
#define LB_SNAT_H

#include "lb/abi.h"

/*
 * snat_ports: ARRAY of 1, mapped by userspace: an array by source address and port. A tracked flow
 * in snat mode; its index is the endpoint that the backend sees. The flow's key has the client's
 * port and the service; see include/lb/flow.h.
 */
struct lb_snat_entry {
	__u64 client[2];
	struct lb_flow flow;
};

/* The key of a flow. `vip_port`: the VIP's port if the service is on all ports; else 0. */
static inline __u64 lb_snat_key(__be16 client_port, __be16 vip_port, __u16 service)
{
	return (__u64)vip_port << 32 | (__u64)client_port << 16 | service;
}

/* Buckets in which a flow may get a port, and the first index of one, by its lb_flow_hash(). */
#define LB_SNAT_BUCKETS_TRIED 2

static inline __u32 lb_snat_bucket(__u64 hash, __u32 attempt, __u16 snat_first, __u16 snat_count)
{
	__u64 mixed = attempt ? hash * 0x9e3779b97f4a7c15ULL : hash;
	__u32 source = snat_first + (((mixed & 0xffffffff) * snat_count) >> 32);

	return source * LB_SNAT_PORTS + LB_SNAT_PORT_FIRST +
	       lb_scale(mixed, LB_SNAT_BUCKETS) * LB_SNAT_BUCKET_PORTS;
}

_Static_assert(sizeof(struct lb_snat_entry) == 32, "two ports a cache line");

#endif
