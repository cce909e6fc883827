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
struct hop {
	__u64 to;
	__u64 from;
	__u32 device;
	__u32 mtu; /* of the IP packet */
	bool is_routed; /* it is a router */
};

static __always_inline bool hop_is_fresh(const struct lb_backend *backend, struct hop *hop,
					 __u32 now)
{
	__u64 to = *(volatile __u64 *)&backend->hop_to;
	__u64 from = *(volatile __u64 *)&backend->hop_from;
	__u64 device = *(volatile __u64 *)&backend->hop_device;
	__u16 age = now - to;

	hop->to = to >> 16;
	hop->from = from >> 16;
	hop->device = device >> 16;
	hop->mtu = device >> 48;
	return age < LB_HOP_TICKS && !(((to ^ from) | (to ^ device)) & 0xffff);
}

static __always_inline void hop_store(struct lb_backend *backend, const struct hop *hop, __u32 now)
{
	__u16 tick = now;

	*(volatile __u64 *)&backend->hop_to = hop->to << 16 | tick;
	*(volatile __u64 *)&backend->hop_from = hop->from << 16 | tick;
	*(volatile __u64 *)&backend->hop_device =
		(__u64)hop->mtu << 48 | (__u64)hop->device << 16 | tick;
}

static __always_inline struct lb_way *way_of(const struct packet *packet)
{
	return &packet->cpu->ways[lb_way_index(packet->destination)];
}

/* Is the way back to the packet's client known, for a service's replies? */
static __always_inline bool way_is_fresh(const struct packet *packet, __u32 service,
					 struct hop *hop)
{
	const struct lb_way *way = way_of(packet);

	hop->to = way->to;
	hop->from = way->from;
	hop->device = way->device;
	return packet->now - way->tick < LB_HOP_TICKS && way->service == service &&
	       way->client[1] == packet->destination[1] &&
	       way->client[0] == packet->destination[0] &&
	       way->ingress == packet->ctx->ingress_ifindex;
}

static __always_inline void way_store(const struct packet *packet, __u32 service,
				      const struct hop *hop)
{
	*way_of(packet) = (struct lb_way){
		.client = {packet->destination[0], packet->destination[1]},
		.to = hop->to,
		.from = hop->from,
		.device = hop->device,
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
static __always_inline void mac_store(struct ethhdr *ethernet, __u64 to, __u64 from)
{
	__u64 *first = (void *)ethernet;
	__u32 *second = (void *)ethernet + sizeof(*first);

	*first = to | from << 48;
	*second = from >> 16;
}

/* Asks the kernel; the query has addresses and class. */
static __always_inline long hop_ask(struct xdp_md *ctx, struct bpf_fib_lookup *query,
				    struct hop *hop)
{
	long answer;

	query->ifindex = ctx->ingress_ifindex;
	*hop = (struct hop){0};
	answer = bpf_fib_lookup(ctx, query, sizeof(*query), 0);
	hop->to = mac_load(query->dmac);
	hop->from = mac_load(query->smac);
	hop->device = query->ifindex;
	hop->mtu = query->mtu_result;
	explain_hop(answer, hop->device, hop->mtu);
	return answer;
}

/* By the packet's present addresses. */
static __always_inline long hop_ask_for(const struct packet *packet, struct hop *hop)
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
	return hop_ask(packet->ctx, &query, hop);
}

static __always_inline bool address_is(const __u32 words[4], const __u64 address[2])
{
	return (words[0] | (__u64)words[1] << 32) == address[0] &&
	       (words[2] | (__u64)words[3] << 32) == address[1];
}

/*
 * By a backend's address; of a gateway the kernel gives the address in its place. A
 * function of its own, verified once and seldom called.
 */
__noinline long hop_ask_backend(struct xdp_md *ctx, __u32 id, struct hop *hop)
{
	const struct lb_backend *backend = backend_get(id);
	struct bpf_fib_lookup query = {0};
	long answer;

	if (!backend || !hop)
		return -1;
	if (address_is_ipv4(backend->address)) {
		query.family = AF_INET;
		query.ipv4_dst = backend->address[1] >> 32;
		answer = hop_ask(ctx, &query, hop);
		hop->is_routed = query.ipv4_dst != backend->address[1] >> 32;
	} else {
		query.family = AF_INET6;
		__builtin_memcpy(query.ipv6_dst, backend->address, 16);
		answer = hop_ask(ctx, &query, hop);
		hop->is_routed = !address_is(query.ipv6_dst, backend->address);
	}
	return answer;
}

/*
 * The way to a backend, as it is kept, or asked for anew: 0, or the kernel's answer. A way
 * by a router is none to a backend that has to be a neighbour, and is not kept for it.
 */
static __always_inline long hop_to_backend(const struct packet *packet, struct lb_backend *backend,
					   __u32 id, enum lb_forward forward, struct hop *hop)
{
	long answer;

	if (hop_is_fresh(backend, hop, packet->now))
		return 0;
	answer = hop_ask_backend(packet->ctx, id, hop);
	if (answer == BPF_FIB_LKUP_RET_SUCCESS && forward == LB_FORWARD_DSR && hop->is_routed)
		return BPF_FIB_LKUP_RET_UNREACHABLE;
	if (answer == BPF_FIB_LKUP_RET_SUCCESS)
		hop_store(backend, hop, packet->now);
	return answer;
}

/* The verdict that sends it out of the next hop's device; XDP_PASS if that is not ours. */
static __always_inline int way_out(const struct packet *packet, const struct hop *hop)
{
	if (hop->device != packet->ctx->ingress_ifindex)
		return bpf_redirect_map(&devices, hop->device, XDP_PASS);
	return XDP_TX;
}

/* The end of a packet that has a next hop; `outcome` is what became of it until here. */
static __always_inline int send(const struct packet *packet, const struct hop *hop,
				enum lb_outcome outcome)
{
	int verdict = way_out(packet, hop);

	if (verdict == XDP_PASS)
		return leave(packet, LB_BY_KERNEL, XDP_PASS);
	mac_store(packet->ethernet, hop->to, hop->from);
	return leave(packet, outcome, verdict);
}

/* The end of a packet for which the kernel has no next hop. */
static __always_inline int send_by_kernel(const struct packet *packet, long answer)
{
	if (answer == BPF_FIB_LKUP_RET_BLACKHOLE || answer == BPF_FIB_LKUP_RET_UNREACHABLE ||
	    answer == BPF_FIB_LKUP_RET_PROHIBIT)
		return leave(packet, LB_NO_ROUTE, XDP_DROP);
	return leave(packet, LB_BY_KERNEL, XDP_PASS);
}

static __always_inline int send_to_client(const struct packet *packet, __u32 service,
					  enum lb_outcome outcome)
{
	struct hop hop;
	long answer;

	if (way_is_fresh(packet, service, &hop))
		return send(packet, &hop, outcome);
	answer = hop_ask_for(packet, &hop);
	if (answer != BPF_FIB_LKUP_RET_SUCCESS)
		return send_by_kernel(packet, answer);
	way_store(packet, service, &hop);
	return send(packet, &hop, outcome);
}

#endif
