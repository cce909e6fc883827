/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Off it goes: the next hop, and out of the interface that leads there.
 *
 * Next hops are the kernel's. A backend's is kept in its record for about a
 * second and then asked for again by the packet that finds it old, so routes
 * and neighbours are followed without anybody's help. Of the clients', each CPU
 * keeps a few in the same way. What the kernel cannot tell yet (a neighbour
 * not resolved) is left to it, rewritten: it resolves and forwards.
 */
#ifndef BPF_FORWARD_NEXTHOP_H
#define BPF_FORWARD_NEXTHOP_H

#include "observe/counters.h"
#include "observe/explain.h"
#include "packet/packet.h"

#define AF_INET	 2
#define AF_INET6 10

/* The lower 48 bits of the MAC words are the address in the order of its bytes. */
struct nexthop {
	__u64 dst_mac;
	__u64 src_mac;
	__u32 device;
	__u32 mtu; /* of the IP packet */
	bool via_gateway; /* it is a router */
};

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

static __always_inline struct lb_client_nexthop *client_nexthop(const struct packet *packet)
{
	return &packet->cpu->client_nexthops[lb_client_nexthop_index(packet->destination)];
}

/* Is the way back to the packet's client known, for a service's replies? */
static __always_inline bool client_nexthop_is_fresh(const struct packet *packet, __u32 service,
						    struct nexthop *nexthop)
{
	const struct lb_client_nexthop *cached = client_nexthop(packet);

	nexthop->dst_mac = cached->dst_mac;
	nexthop->src_mac = cached->src_mac;
	nexthop->device = cached->device;
	return packet->now - cached->tick < LB_NEXTHOP_TICKS && cached->service == service &&
	       cached->client[1] == packet->destination[1] &&
	       cached->client[0] == packet->destination[0] &&
	       cached->ingress == packet->ctx->ingress_ifindex;
}

static __always_inline void client_nexthop_store(const struct packet *packet, __u32 service,
						 const struct nexthop *nexthop)
{
	*client_nexthop(packet) = (struct lb_client_nexthop){
		.client = {packet->destination[0], packet->destination[1]},
		.dst_mac = nexthop->dst_mac,
		.src_mac = nexthop->src_mac,
		.device = nexthop->device,
		.ingress = packet->ctx->ingress_ifindex,
		.service = service,
		.tick = packet->now,
	};
}

static __always_inline __u64 mac_load(const __u8 mac[ETH_ALEN])
{
	return *(__u16 *)mac | (__u64) * (__u16 *)(mac + 2) << 16 |
	       (__u64) * (__u16 *)(mac + 4) << 32;
}

/* Both addresses of the Ethernet header. */
static __always_inline void mac_store(struct ethhdr *ethernet, __u64 dst_mac, __u64 src_mac)
{
	__u64 *first = (void *)ethernet;
	__u32 *second = (void *)ethernet + sizeof(*first);

	*first = dst_mac | src_mac << 48;
	*second = src_mac >> 16;
}

/* Asks the kernel; the query has addresses and class. */
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

/* By the packet's present addresses. */
static __always_inline long fib_lookup_packet(const struct packet *packet, struct nexthop *nexthop)
{
	struct bpf_fib_lookup query = {.l4_protocol = packet->protocol};

	if (packet->is_ipv4) {
		query.family = AF_INET;
		query.tos = packet->ipv4->tos;
		query.ipv4_src = packet->ipv4->saddr;
		query.ipv4_dst = packet->ipv4->daddr;
	} else {
		query.family = AF_INET6;
		query.flowinfo = *(__be32 *)packet->ipv6 & bpf_htonl(0x0fffffff);
		__builtin_memcpy(query.ipv6_src, &packet->ipv6->saddr, 16);
		__builtin_memcpy(query.ipv6_dst, &packet->ipv6->daddr, 16);
	}
	return fib_lookup(packet->ctx, &query, nexthop);
}

static __always_inline bool address_matches(const __u32 words[4], const __u64 address[2])
{
	return (words[0] | (__u64)words[1] << 32) == address[0] &&
	       (words[2] | (__u64)words[3] << 32) == address[1];
}

/*
 * By a backend's address; of a gateway the kernel gives the address in its place. A
 * function of its own, verified once and seldom called.
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
		query.ipv4_dst = backend->address[1] >> 32;
		fib_result = fib_lookup(ctx, &query, nexthop);
		nexthop->via_gateway = query.ipv4_dst != backend->address[1] >> 32;
	} else {
		query.family = AF_INET6;
		__builtin_memcpy(query.ipv6_dst, backend->address, 16);
		fib_result = fib_lookup(ctx, &query, nexthop);
		nexthop->via_gateway = !address_matches(query.ipv6_dst, backend->address);
	}
	return fib_result;
}

/*
 * The way to a backend, as it is kept, or asked for anew: 0, or the kernel's answer. A way
 * by a router is none to a backend that has to be a neighbour, and is not kept for it.
 */
static __always_inline long nexthop_to_backend(const struct packet *packet,
					       struct lb_backend *backend, __u32 id,
					       enum lb_forward forward, struct nexthop *nexthop)
{
	long fib_result;

	if (nexthop_is_fresh(backend, nexthop, packet->now))
		return 0;
	fib_result = fib_lookup_backend(packet->ctx, id, nexthop);
	if (fib_result == BPF_FIB_LKUP_RET_SUCCESS && forward == LB_FORWARD_DSR &&
	    nexthop->via_gateway)
		return BPF_FIB_LKUP_RET_UNREACHABLE;
	if (fib_result == BPF_FIB_LKUP_RET_SUCCESS)
		nexthop_store(backend, nexthop, packet->now);
	return fib_result;
}

/* The verdict that sends it out of the next hop's device; XDP_PASS if that is not ours. */
static __always_inline int egress_verdict(const struct packet *packet,
					  const struct nexthop *nexthop)
{
	if (nexthop->device != packet->ctx->ingress_ifindex)
		return bpf_redirect_map(&devices, nexthop->device, XDP_PASS);
	return XDP_TX;
}

/* The end of a packet that has a next hop; `outcome` is what became of it until here. */
static __always_inline int send(const struct packet *packet, const struct nexthop *nexthop,
				enum lb_outcome outcome)
{
	int verdict = egress_verdict(packet, nexthop);

	if (verdict == XDP_PASS)
		return finish(packet, LB_TO_STACK, XDP_PASS);
	mac_store(packet->ethernet, nexthop->dst_mac, nexthop->src_mac);
	return finish(packet, outcome, verdict);
}

/* The end of a packet for which the kernel has no next hop. */
static __always_inline int send_to_stack(const struct packet *packet, long fib_result)
{
	if (fib_result == BPF_FIB_LKUP_RET_BLACKHOLE ||
	    fib_result == BPF_FIB_LKUP_RET_UNREACHABLE || fib_result == BPF_FIB_LKUP_RET_PROHIBIT)
		return finish(packet, LB_NO_ROUTE, XDP_DROP);
	return finish(packet, LB_TO_STACK, XDP_PASS);
}

static __always_inline int send_to_client(const struct packet *packet, __u32 service,
					  enum lb_outcome outcome)
{
	struct nexthop nexthop;
	long fib_result;

	if (client_nexthop_is_fresh(packet, service, &nexthop))
		return send(packet, &nexthop, outcome);
	fib_result = fib_lookup_packet(packet, &nexthop);
	if (fib_result != BPF_FIB_LKUP_RET_SUCCESS)
		return send_to_stack(packet, fib_result);
	client_nexthop_store(packet, service, &nexthop);
	return send(packet, &nexthop, outcome);
}

#endif
