/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Off it goes: the next hop, and out of the interface that leads there.
 *
 * Next hops are the kernel's. A backend's is kept in its record for about a
 * second and then asked for again by the packet that finds it old, so routes
 * and neighbours are followed without anybody's help. Clients are many, so
 * theirs is asked for each reply. What the kernel cannot tell yet (a neighbour
 * not resolved) is left to it, rewritten: it resolves and forwards.
 */
#ifndef LB_BPF_FORWARD_H
#define LB_BPF_FORWARD_H

#include "count.h"
#include "packet.h"

#define AF_INET	 2
#define AF_INET6 10

/* The lower 48 bits of the MAC words are the address in the order of its bytes. */
struct hop {
	__u64 to;
	__u64 from;
	__u32 device;
};

static __always_inline bool hop_is_fresh(const struct lb_backend *backend, struct hop *hop,
					 __u64 now_ns)
{
	__u64 to = *(volatile __u64 *)&backend->hop_to;
	__u64 from = *(volatile __u64 *)&backend->hop_from;
	__u64 device = *(volatile __u64 *)&backend->hop_device;
	__u16 age = (now_ns >> LB_TICK_SHIFT) - to;

	hop->to = to >> 16;
	hop->from = from >> 16;
	hop->device = device >> 16;
	return to && age < LB_HOP_TICKS && (__u16)to == (__u16)from && (__u16)to == (__u16)device;
}

static __always_inline void hop_store(struct lb_backend *backend, const struct hop *hop,
				      __u64 now_ns)
{
	__u16 tick = now_ns >> LB_TICK_SHIFT;

	*(volatile __u64 *)&backend->hop_to = hop->to << 16 | tick;
	*(volatile __u64 *)&backend->hop_from = hop->from << 16 | tick;
	*(volatile __u64 *)&backend->hop_device = (__u64)hop->device << 16 | tick;
}

static __always_inline __u64 mac_load(const __u8 mac[ETH_ALEN])
{
	return *(__u16 *)mac | (__u64) * (__u16 *)(mac + 2) << 16 |
	       (__u64) * (__u16 *)(mac + 4) << 32;
}

/* Both addresses of the Ethernet header. */
static __always_inline void mac_store(struct ethhdr *ethernet, __u64 to, __u64 from)
{
	*(__u64 *)ethernet->h_dest = to | from << 48;
	*(__u32 *)(ethernet->h_source + 2) = from >> 16;
}

/* Asks the kernel for the packet's next hop by its present addresses. */
static __always_inline long hop_ask(struct xdp_md *ctx, const struct packet *packet,
				    struct hop *hop)
{
	struct bpf_fib_lookup query = {.ifindex = ctx->ingress_ifindex};
	long answer;

	query.l4_protocol = packet->protocol;
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
	answer = bpf_fib_lookup(ctx, &query, sizeof(query), 0);
	hop->to = mac_load(query.dmac);
	hop->from = mac_load(query.smac);
	hop->device = query.ifindex;
	return answer;
}

/* The end of a packet that has a next hop; `outcome` is what became of it until here. */
static __always_inline int send(struct xdp_md *ctx, struct packet *packet, const struct hop *hop,
				enum lb_outcome outcome)
{
	int verdict = XDP_TX;

	if (hop->device != ctx->ingress_ifindex)
		verdict = bpf_redirect_map(&devices, hop->device, XDP_PASS);
	if (verdict == XDP_PASS)
		return leave(LB_BY_KERNEL, XDP_PASS);
	mac_store(packet->ethernet, hop->to, hop->from);
	return leave(outcome, verdict);
}

/* The end of a packet for which the kernel has no next hop. */
static __always_inline int send_by_kernel(long answer)
{
	if (answer == BPF_FIB_LKUP_RET_BLACKHOLE || answer == BPF_FIB_LKUP_RET_UNREACHABLE ||
	    answer == BPF_FIB_LKUP_RET_PROHIBIT)
		return leave(LB_NO_ROUTE, XDP_DROP);
	return leave(LB_BY_KERNEL, XDP_PASS);
}

static __always_inline int send_to_backend(struct xdp_md *ctx, struct packet *packet,
					   struct lb_backend *backend, __u64 now_ns,
					   enum lb_outcome outcome)
{
	struct hop hop;
	long answer;

	if (hop_is_fresh(backend, &hop, now_ns))
		return send(ctx, packet, &hop, outcome);
	answer = hop_ask(ctx, packet, &hop);
	if (answer != BPF_FIB_LKUP_RET_SUCCESS)
		return send_by_kernel(answer);
	hop_store(backend, &hop, now_ns);
	return send(ctx, packet, &hop, outcome);
}

static __always_inline int send_to_client(struct xdp_md *ctx, struct packet *packet,
					  enum lb_outcome outcome)
{
	struct hop hop;
	long answer = hop_ask(ctx, packet, &hop);

	if (answer != BPF_FIB_LKUP_RET_SUCCESS)
		return send_by_kernel(answer);
	return send(ctx, packet, &hop, outcome);
}

#endif
