/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Next hops: cache, FIB lookup, and sending of packets.
 *
 * Next hops come from the kernel's routes and neighbours. A backend's next hop is cached in its
 * record for LB_NEXTHOP_TICKS (about a second); the first packet after that looks it up again. So
 * changes of routes and neighbours are followed without help from userspace. Each CPU caches some
 * next hops to clients likewise. If the neighbour is unresolved, the rewritten packet is passed to
 * the stack, which resolves the neighbour and forwards the packet.
 */
#ifndef BPF_FORWARD_NEXTHOP_H
#define BPF_FORWARD_NEXTHOP_H

#include "core/action.h"
#include "observe/explain.h"
#include "packet/packet.h"

#define AF_INET	 2
#define AF_INET6 10

struct nexthop {
	__u64 dst_mac; /* see mac_load() */
	__u64 src_mac;
	__u32 device;
	__u32 mtu; /* largest IP packet */
	bool via_gateway;
};

/* Cache key of a next hop to a client. */
struct return_path {
	__u64 client[2];
	__u32 ingress; /* interface index */
	__u32 service;
	__u32 now; /* tick */
};

/* Reads a backend's cached next hop. False if it is too old, or is being written. */
static __always_inline bool nexthop_is_fresh(const struct lb_backend *backend,
					     struct nexthop *nexthop, __u32 now)
{
	__u64 dst_mac = *(volatile __u64 *)&backend->nexthop_dst_mac;
	__u64 src_mac = *(volatile __u64 *)&backend->nexthop_src_mac;
	__u64 device = *(volatile __u64 *)&backend->nexthop_device;
	__u16 age = now - dst_mac;

	nexthop->dst_mac = dst_mac >> 16;
	nexthop->src_mac = src_mac >> 16;
	nexthop->device = device >> 16;
	nexthop->mtu = device >> 48;
	return age < LB_NEXTHOP_TICKS && !(((dst_mac ^ src_mac) | (dst_mac ^ device)) & 0xffff);
}

static __always_inline void nexthop_store(struct lb_backend *backend, const struct nexthop *nexthop,
					  __u32 now)
{
	__u16 tick = now;

	*(volatile __u64 *)&backend->nexthop_dst_mac = nexthop->dst_mac << 16 | tick;
	*(volatile __u64 *)&backend->nexthop_src_mac = nexthop->src_mac << 16 | tick;
	*(volatile __u64 *)&backend->nexthop_device =
		(__u64)nexthop->mtu << 48 | (__u64)nexthop->device << 16 | tick;
}

static __always_inline struct return_path return_path_of(const struct headers *headers,
							 const __u64 client[2], __u32 service,
							 __u32 now)
{
	return (struct return_path){
		{client[0], client[1]}, headers->ctx->ingress_ifindex, service, now};
}

static __always_inline struct lb_client_nexthop *client_nexthop(struct lb_cpu *cpu,
								const struct return_path *path)
{
	return &cpu->client_nexthops[lb_client_nexthop_index(path->client)];
}

/* Reads the cached next hop to a client, without its MTU. False if there is none, or an old one. */
static __always_inline bool client_nexthop_is_fresh(struct lb_cpu *cpu,
						    const struct return_path *path,
						    struct nexthop *nexthop)
{
	const struct lb_client_nexthop *cached = client_nexthop(cpu, path);

	nexthop->dst_mac = cached->dst_mac;
	nexthop->src_mac = cached->src_mac;
	nexthop->device = cached->device;
	return path->now - cached->tick < LB_NEXTHOP_TICKS && cached->service == path->service &&
	       cached->client[1] == path->client[1] && cached->client[0] == path->client[0] &&
	       cached->ingress == path->ingress;
}

static __always_inline void client_nexthop_store(struct lb_cpu *cpu, const struct return_path *path,
						 const struct nexthop *nexthop)
{
	*client_nexthop(cpu, path) = (struct lb_client_nexthop){
		.client = {path->client[0], path->client[1]},
		.dst_mac = nexthop->dst_mac,
		.src_mac = nexthop->src_mac,
		.device = nexthop->device,
		.ingress = path->ingress,
		.service = path->service,
		.tick = path->now,
	};
}

/* Queries the kernel's FIB by addresses and traffic class. Returns BPF_FIB_LKUP_RET_* or -errno. */
static __always_inline long fib_lookup(struct xdp_md *ctx, struct bpf_fib_lookup *query,
				       struct nexthop *nexthop)
{
	long fib_result;

	query->ifindex = ctx->ingress_ifindex;
	*nexthop = (struct nexthop){0};
	fib_result = bpf_fib_lookup(ctx, query, sizeof(*query), 0);
	nexthop->dst_mac = mac_load(query->dmac);
	nexthop->src_mac = mac_load(query->smac);
	nexthop->device = query->ifindex;
	nexthop->mtu = query->mtu_result;
	explain_fib(fib_result, nexthop->device, nexthop->mtu);
	return fib_result;
}

/* Queries the FIB by the packet's present addresses. */
static __always_inline long fib_lookup_packet(const struct packet *packet,
					      const struct headers *headers,
					      struct nexthop *nexthop)
{
	struct bpf_fib_lookup query = {.l4_protocol = packet->protocol};

	if (headers->is_ipv4) {
		query.family = AF_INET;
		query.tos = headers->ipv4->tos;
		query.ipv4_src = headers->ipv4->saddr;
		query.ipv4_dst = headers->ipv4->daddr;
	} else {
		query.family = AF_INET6;
		query.flowinfo = *(__be32 *)headers->ipv6 & bpf_htonl(0x0fffffff);
		address_copy(query.ipv6_src, &headers->ipv6->saddr);
		address_copy(query.ipv6_dst, &headers->ipv6->daddr);
	}
	return fib_lookup(headers->ctx, &query, nexthop);
}

static __always_inline bool address_matches(const __u32 words[4], const __u64 address[2])
{
	return (words[0] | (__u64)words[1] << 32) == address[0] &&
	       (words[2] | (__u64)words[3] << 32) == address[1];
}

/*
 * Queries the FIB by a backend's address. If there is a gateway, the kernel replaces the address in
 * the query by the gateway's. Returns as fib_lookup(). Global function: verified once, rarely
 * called.
 */
__noinline long fib_lookup_backend(struct xdp_md *ctx, __u32 id, struct nexthop *nexthop)
{
	const struct lb_backend *backend = backend_get(id);
	struct bpf_fib_lookup query = {0};
	long fib_result;

	if (!backend || !nexthop)
		return -1;
	if (address_is_ipv4(backend->address)) {
		query.family = AF_INET;
		query.ipv4_dst = address_ipv4(backend->address);
		fib_result = fib_lookup(ctx, &query, nexthop);
		nexthop->via_gateway = query.ipv4_dst != address_ipv4(backend->address);
	} else {
		query.family = AF_INET6;
		address_copy(query.ipv6_dst, backend->address);
		fib_result = fib_lookup(ctx, &query, nexthop);
		nexthop->via_gateway = !address_matches(query.ipv6_dst, backend->address);
	}
	return fib_result;
}

/*
 * A backend's next hop, cached or from the kernel. Returns 0, or the kernel's BPF_FIB_LKUP_RET_*.
 * In dsr mode the backend has to be a neighbour: a gateway is "unreachable", and is not cached.
 */
static __always_inline long nexthop_to_backend(struct xdp_md *ctx, struct lb_backend *backend,
					       __u32 id, enum lb_forward forward,
					       struct nexthop *nexthop, __u32 now)
{
	long fib_result;

	if (nexthop_is_fresh(backend, nexthop, now))
		return 0;
	fib_result = fib_lookup_backend(ctx, id, nexthop);
	if (fib_result == BPF_FIB_LKUP_RET_SUCCESS && forward == LB_FORWARD_DSR &&
	    nexthop->via_gateway)
		return BPF_FIB_LKUP_RET_UNREACHABLE;
	if (fib_result == BPF_FIB_LKUP_RET_SUCCESS)
		nexthop_store(backend, nexthop, now);
	return fib_result;
}

/*
 * The verdict that sends out of the next hop's interface; XDP_PASS if that is not attached. It is a
 * constant on each path, so that the compiler can specialize the code after it.
 */
static __always_inline __u32 egress_verdict(struct xdp_md *ctx, const struct nexthop *nexthop)
{
	if (nexthop->device == ctx->ingress_ifindex)
		return XDP_TX;
	return bpf_redirect_map(&devices, nexthop->device, XDP_PASS) == XDP_REDIRECT ? XDP_REDIRECT
										     : XDP_PASS;
}

/* Sends a packet to its next hop; through the stack if the interface is not attached. */
static __always_inline struct action send(const struct headers *headers,
					  const struct nexthop *nexthop, enum lb_outcome outcome)
{
	__u32 verdict = egress_verdict(headers->ctx, nexthop);

	if (verdict == XDP_PASS)
		return action_verdict(LB_TO_STACK, XDP_PASS);
	mac_store(headers->ethernet, nexthop->dst_mac, nexthop->src_mac);
	return action_verdict(outcome, verdict);
}

/* Passes a packet without a next hop to the stack, or drops it if the routes refuse it. */
static __always_inline struct action send_to_stack(long fib_result)
{
	if (fib_result == BPF_FIB_LKUP_RET_BLACKHOLE ||
	    fib_result == BPF_FIB_LKUP_RET_UNREACHABLE || fib_result == BPF_FIB_LKUP_RET_PROHIBIT)
		return action_verdict(LB_NO_ROUTE, XDP_DROP);
	return action_verdict(LB_TO_STACK, XDP_PASS);
}

#endif
