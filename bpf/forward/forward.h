/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Forwards a client's packet to its backend, in the flow's forwarding mode:
 *
 *     nat, snat   translated; replies return through the balancer
 *     dsr         unchanged, to the backend's MAC address
 *     ipip, gue   encapsulated
 *
 * In the last three modes the VIP is one of the backend's own addresses. The backend answers the
 * client directly.
 */
#ifndef BPF_FORWARD_FORWARD_H
#define BPF_FORWARD_FORWARD_H

#include "core/action.h"
#include "flow/flow_table.h"
#include "forward/encap.h"
#include "forward/icmp_too_big.h"
#include "forward/nat.h"
#include "forward/nexthop.h"
#include "observe/counters.h"

/* Destination of a packet that is forwarded. */
struct destination {
	const struct lb_service *service;
	struct lb_backend *backend;
	struct action action; /* ACTION_FORWARD */
	long fib_result; /* 0, or BPF_FIB_LKUP_RET_* if there is no next hop */
};

/* Backend and service of an action. False only in case of a bug. */
static __always_inline bool destination_find(struct destination *destination)
{
	destination->backend = backend_get(action_id(destination->action));
	if (!destination->backend)
		return false;
	destination->service = service_get(destination->backend->service);
	return destination->service;
}

/* The part of the flow's hash by which NICs and routers distribute flows. */
static __always_inline __u32 flow_hash(const struct packet *packet)
{
	return lb_flow_hash(flow_client_key(packet, packet->source, packet->source_port), seed()) >>
	       16;
}

static __always_inline void count_forwarded(struct lb_cpu *cpu, const struct headers *headers,
					    struct action action)
{
	count_request(cpu, action_id(action), ip_bytes(headers), action_begins_flow(action));
}

/*
 * Forwards in dsr mode. The backend has to be a neighbour on an attached interface: the stack would
 * route the packet by the VIP, back to the balancer.
 */
static __always_inline struct action forward_dsr(const struct headers *headers,
						 const struct destination *destination,
						 const struct nexthop *nexthop)
{
	__u32 verdict = XDP_PASS;

	if (destination->fib_result == BPF_FIB_LKUP_RET_NO_NEIGH)
		return action_verdict(LB_NO_NEIGHBOUR, XDP_DROP);
	if (!destination->fib_result)
		verdict = egress_verdict(headers->ctx, nexthop);
	if (verdict == XDP_PASS)
		return action_verdict(LB_NO_ROUTE, XDP_DROP);
	mac_store(headers->ethernet, nexthop->dst_mac, nexthop->src_mac);
	return action_verdict(action_outcome(destination->action), verdict);
}

/* Forwards in a tunnel. If the packet is too large but may be fragmented, the stack does that. */
static __always_inline struct action forward_tunnel(const struct packet *packet,
						    struct headers *headers,
						    const struct destination *destination,
						    const struct nexthop *nexthop)
{
	struct tunnel tunnel = {
		.service = destination->service,
		.backend = destination->backend,
		.is_ipv4 = address_is_ipv4(destination->backend->address),
		.is_gue = action_mode(destination->action) == LB_FORWARD_GUE,
	};
	bool fits = ip_bytes(headers) + tunnel_bytes(&tunnel) <= nexthop->mtu;

	if (!destination->fib_result && !fits && packet_must_not_fragment(packet, headers))
		return icmp_too_big(headers->ctx, packet, nexthop->mtu - tunnel_bytes(&tunnel));
	tunnel.may_fragment = !destination->fib_result && !fits;
	ttl_decrement(headers);
	if (!encap(packet, headers, &tunnel, flow_hash(packet)))
		return action_verdict(LB_NO_HEADROOM, XDP_DROP);
	if (destination->fib_result || !fits)
		return send_to_stack(destination->fib_result);
	return send(headers, nexthop, action_outcome(destination->action));
}

/*
 * Forwards in mode dsr, ipip or gue. Returns ACTION_VERDICT. Global function, shared by packets of
 * known and new flows.
 */
__noinline __u64 forward_one_way(struct xdp_md *ctx, const struct packet *packet, __u64 word)
{
	struct destination destination = {.action = {word}};
	enum lb_forward forward = action_mode(destination.action);
	struct lb_cpu *cpu = this_cpu();
	struct nexthop nexthop;
	struct headers headers;

	if (!cpu || !packet || !destination_find(&destination))
		return action_abort().word;
	destination.fib_result =
		nexthop_to_backend(ctx, destination.backend, action_id(destination.action), forward,
				   &nexthop, packet->now);
	if (!headers_find(&headers, ctx, packet))
		return action_abort().word;
	if (forward != LB_FORWARD_DSR && !ttl_allows(&headers))
		return action_verdict(LB_TTL_EXPIRED, XDP_DROP).word;
	count_forwarded(cpu, &headers, destination.action);
	if (forward == LB_FORWARD_DSR)
		return forward_dsr(&headers, &destination, &nexthop).word;
	return forward_tunnel(packet, &headers, &destination, &nexthop).word;
}

/* Forwards likewise in mode nat or snat. */
__noinline __u64 forward_translated(struct xdp_md *ctx, const struct packet *packet, __u64 word)
{
	struct destination destination = {.action = {word}};
	struct lb_cpu *cpu = this_cpu();
	struct nexthop nexthop;
	struct headers headers;
	bool fits;

	if (!cpu || !packet || !destination_find(&destination))
		return action_abort().word;
	destination.fib_result =
		nexthop_to_backend(ctx, destination.backend, action_id(destination.action),
				   LB_FORWARD_NAT, &nexthop, packet->now);
	if (!headers_find(&headers, ctx, packet))
		return action_abort().word;
	if (!ttl_allows(&headers))
		return action_verdict(LB_TTL_EXPIRED, XDP_DROP).word;
	count_forwarded(cpu, &headers, destination.action);
	fits = ip_bytes(&headers) <= nexthop.mtu;
	if (!destination.fib_result && !fits && packet_must_not_fragment(packet, &headers))
		return icmp_too_big(ctx, packet, nexthop.mtu).word;
	if (action_index(destination.action))
		snat_request(packet, &headers, action_index(destination.action));
	nat_request(&headers, destination.backend,
		    destination.backend->port ?: packet->destination_port);
	if (destination.fib_result || !fits)
		return send_to_stack(destination.fib_result).word;
	return send(&headers, &nexthop, action_outcome(destination.action)).word;
}

/* Forwards a packet to the backend of an ACTION_FORWARD. Returns ACTION_VERDICT. */
static __always_inline struct action forward_packet(struct xdp_md *ctx, const struct packet *packet,
						    struct action action)
{
	if (is_one_way(action_mode(action)))
		return (struct action){forward_one_way(ctx, packet, action.word)};
	return (struct action){forward_translated(ctx, packet, action.word)};
}

#endif
