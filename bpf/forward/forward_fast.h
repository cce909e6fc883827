/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fast path of forwarding: for common packets to a backend with a cached next hop, within its MTU.
 * It leaves all other packets untouched, for forward_packet().
 *
 * No Ethernet header is moved: there are no VLAN tags, and both MAC addresses are written. Each IP
 * version and each kind of tunnel has its own code, without a branch on either.
 */
#ifndef BPF_FORWARD_FORWARD_FAST_H
#define BPF_FORWARD_FORWARD_FAST_H

#include "core/action.h"
#include "forward/encap.h"
#include "forward/nat.h"
#include "forward/nexthop.h"
#include "observe/counters.h"

/* Destination of a packet, and how it leaves. */
struct egress {
	struct target target;
	enum lb_outcome outcome;
	bool is_new_flow;
	__u64 hash; /* of the flow, for the outer headers */
	__u32 verdict;
	struct nexthop nexthop;
};

enum ip_version {
	IP_VERSION_4,
	IP_VERSION_6,
};

/* The action for the slow path, if the fast path cannot forward the packet. */
static __always_inline struct action forward_slow(const struct egress *egress)
{
	const struct target *target = &egress->target;

	return action_new_flow(action_forward(target->id, target->forward, egress->outcome),
			       egress->is_new_flow);
}

static __always_inline void count_egress(struct lb_cpu *cpu, const struct headers *headers,
					 const struct egress *egress)
{
	count_request(cpu, egress->target.id, ip_bytes(headers), egress->is_new_flow);
}

static __always_inline struct action send_fast(struct lb_cpu *cpu, const struct headers *headers,
					       const struct egress *egress)
{
	mac_store(headers->ethernet, egress->nexthop.dst_mac, egress->nexthop.src_mac);
	return finish(cpu, egress->outcome, egress->verdict);
}

static __always_inline struct action nat_fast(const struct headers *headers, struct lb_cpu *cpu,
					      struct egress *egress, __u32 now)
{
	const struct lb_backend *backend = egress->target.backend;

	if (!nexthop_is_fresh(backend, &egress->nexthop, now) ||
	    ip_bytes(headers) > egress->nexthop.mtu)
		return forward_slow(egress);
	count_egress(cpu, headers, egress);
	nat_request(headers, backend, backend->port);
	egress->verdict = egress_verdict(headers->ctx, &egress->nexthop);
	if (egress->verdict == XDP_PASS)
		return finish(cpu, LB_TO_STACK, XDP_PASS);
	return send_fast(cpu, headers, egress);
}

/* Encapsulates and sends. Mode and outer IP version are constants at compile time. */
static __always_inline struct action tunnel_fast(const struct packet *packet,
						 struct headers *headers, struct lb_cpu *cpu,
						 const struct egress *egress,
						 enum lb_forward forward, enum ip_version outer)
{
	const struct lb_backend *backend = egress->target.backend;
	struct tunnel tunnel = {
		.service = service_get(backend->service),
		.backend = backend,
		.is_ipv4 = outer == IP_VERSION_4,
		.is_gue = forward == LB_FORWARD_GUE,
		.new_macs = true,
	};

	if (!tunnel.service || ip_bytes(headers) + tunnel_bytes(&tunnel) > egress->nexthop.mtu)
		return forward_slow(egress);
	count_egress(cpu, headers, egress);
	ttl_decrement(headers);
	if (!encap(packet, headers, &tunnel, egress->hash >> 16))
		return finish(cpu, LB_NO_HEADROOM, XDP_DROP);
	return send_fast(cpu, headers, egress);
}

static __always_inline struct action one_way_fast(const struct packet *packet,
						  struct headers *headers, struct lb_cpu *cpu,
						  struct egress *egress)
{
	const struct target *target = &egress->target;

	if (!nexthop_is_fresh(target->backend, &egress->nexthop, packet->now))
		return forward_slow(egress);
	egress->verdict = egress_verdict(headers->ctx, &egress->nexthop);
	if (egress->verdict == XDP_PASS)
		return forward_slow(egress);
	if (target->forward == LB_FORWARD_DSR) {
		count_egress(cpu, headers, egress);
		return send_fast(cpu, headers, egress);
	}
	if (address_is_ipv4(target->backend->address)) {
		if (target->forward == LB_FORWARD_IPIP)
			return tunnel_fast(packet, headers, cpu, egress, LB_FORWARD_IPIP,
					   IP_VERSION_4);
		return tunnel_fast(packet, headers, cpu, egress, LB_FORWARD_GUE, IP_VERSION_4);
	}
	if (target->forward == LB_FORWARD_IPIP)
		return tunnel_fast(packet, headers, cpu, egress, LB_FORWARD_IPIP, IP_VERSION_6);
	return tunnel_fast(packet, headers, cpu, egress, LB_FORWARD_GUE, IP_VERSION_6);
}

/*
 * Forwards a packet in any mode except snat. Returns ACTION_VERDICT; ACTION_FORWARD, or
 * ACTION_REQUEST in snat mode, if the slow path has to forward it.
 */
static __always_inline struct action forward_fast(const struct packet *packet,
						  struct headers *headers, struct lb_cpu *cpu,
						  struct egress *egress)
{
	if (egress->target.forward == LB_FORWARD_NAT)
		return nat_fast(headers, cpu, egress, packet->now);
	if (!is_one_way(egress->target.forward))
		return action_of(ACTION_REQUEST, egress->target.backend->service);
	return one_way_fast(packet, headers, cpu, egress);
}

#endif
