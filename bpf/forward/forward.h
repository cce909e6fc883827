/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client's packet, once it is known whom it goes to: translated (nat), handed to the
 * backend's hardware address as it is (dsr), or in a tunnel (ipip, gue). By the last
 * three the backend has the service's address as one of its own, answers its clients by
 * itself, and needs no way back through us.
 */
#ifndef BPF_FORWARD_FORWARD_H
#define BPF_FORWARD_FORWARD_H

#include "flow/flow_table.h"
#include "flow/snat_ports.h"
#include "forward/encap.h"
#include "forward/icmp_too_big.h"
#include "forward/nexthop.h"
#include "observe/counters.h"

#define ACTION_FORWARD	(1U << 31)
#define ACTION_TRY_NEXT (1U << 30) /* neither: whoever else knows the service shall look at it */
#define ACTION_RESET	(1U << 27) /* nor that: the client is told that its connection is over */
#define ACTION_RETURN \
	(1U \
	 << 29) /* in a delivery's stead, of what goes to a client: see forward/forward_portless.h */
#define ACTION_PORTLESS (1U << 28) /* of a delivery whose packet has no ports of its own */

/*
 * What a packet's delivery needs to know, in one word, which is unlike any verdict:
 * whoever finds it out hands it up to where the stack is short. Above it stands
 * the flow's port, of snat.
 */
static __always_inline __u32 forward_action(const struct target *target, enum lb_outcome outcome,
					    bool is_new)
{
	return ACTION_FORWARD | outcome << 20 | is_new << 19 | target->forward << 16 | target->id;
}

static __always_inline enum lb_forward action_mode(__u32 action)
{
	return action >> 16 & 7;
}

/*
 * By the hardware address: the backend has to be a neighbour, and by a device of ours. The
 * kernel is no help: it would route the packet by the service's address, whence it came.
 */
static __always_inline int forward_dsr(struct packet *packet, const struct nexthop *nexthop,
				       long fib_result, enum lb_outcome outcome)
{
	int verdict;

	if (fib_result == BPF_FIB_LKUP_RET_NO_NEIGH)
		return finish(packet, LB_NO_NEIGHBOUR, XDP_DROP);
	verdict = fib_result ? XDP_PASS : egress_verdict(packet, nexthop);
	if (verdict == XDP_PASS)
		return finish(packet, LB_NO_ROUTE, XDP_DROP);
	mac_store(packet->ethernet, nexthop->dst_mac, nexthop->src_mac);
	return finish(packet, outcome, verdict);
}

/* By which network cards may tell flows apart. */
static __always_inline __u32 flow_hash(const struct packet *packet)
{
	return lb_flow_hash(flow_client_key(packet, packet->source, packet->source_port), seed()) >>
	       16;
}

/* In a tunnel, whose packets the kernel routes and cuts up where we cannot. */
static __always_inline int forward_tunnel(struct packet *packet, struct tunnel *tunnel,
					  const struct nexthop *nexthop, long fib_result,
					  enum lb_outcome outcome)
{
	bool fits = packet_bytes(packet) + tunnel_bytes(tunnel) <= nexthop->mtu;

	if (!fib_result && !fits && packet_must_not_fragment(packet))
		return icmp_too_big_send(packet->ctx, nexthop->mtu - tunnel_bytes(tunnel));
	tunnel->may_fragment = !fib_result && !fits;
	ttl_decrement(packet);
	if (!encap(packet, tunnel, flow_hash(packet)))
		return finish(packet, LB_NO_HEADROOM, XDP_DROP);
	if (fib_result || !fits)
		return send_to_stack(packet, fib_result);
	return send(packet, nexthop, outcome);
}

/* `place` is of snat; 0 = the client's address stays. */
static __always_inline int forward_nat(struct packet *packet, const struct lb_service *service,
				       const struct lb_backend *backend, __u32 snat_index,
				       const struct nexthop *nexthop, long fib_result,
				       enum lb_outcome outcome)
{
	bool fits = packet_bytes(packet) <= nexthop->mtu;

	if (!fib_result && !fits && packet_must_not_fragment(packet))
		return icmp_too_big_send(packet->ctx, nexthop->mtu);
	if (packet->is_portless) {
		if (snat_index)
			rewrite_address_from_client(packet, snat_index);
		rewrite_address_to_backend(packet, backend);
	} else {
		if (snat_index)
			rewrite_from_client(packet, snat_index);
		rewrite_to_backend(packet, backend);
		restore_port(packet, service, false);
	}
	return fib_result || !fits ? send_to_stack(packet, fib_result)
				   : send(packet, nexthop, outcome);
}

static __always_inline int forward_one_way(struct packet *packet, const struct lb_service *service,
					   struct lb_backend *backend, enum lb_forward forward,
					   const struct nexthop *nexthop, long fib_result,
					   enum lb_outcome outcome)
{
	struct tunnel tunnel = {
		.service = service,
		.backend = backend,
		.is_ipv4 = address_is_ipv4(backend->address),
		.is_gue = forward == LB_FORWARD_GUE,
	};

	if (forward == LB_FORWARD_DSR)
		return forward_dsr(packet, nexthop, fib_result, outcome);
	return forward_tunnel(packet, &tunnel, nexthop, fib_result, outcome);
}

/*
 * Sends a client's packet to its backend; `how` is of forward_action(). A function of its own,
 * which reads the packet again: known flows and new ones have it in common.
 */
__noinline int forward_packet(struct xdp_md *ctx, __u64 action)
{
	__u32 id = action & 0xffff;
	enum lb_forward forward = action_mode(action);
	enum lb_outcome outcome = action >> 20 & 0xff;
	struct lb_backend *backend = backend_get(id);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	struct packet packet;
	struct nexthop nexthop;
	long fib_result;

	if (!packet_init(&packet, ctx))
		return XDP_ABORTED;
	if (!service ||
	    (action & ACTION_PORTLESS ? packet_parse_portless(&packet) : packet_parse(&packet)))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	if (forward != LB_FORWARD_DSR && !ttl_allows(&packet))
		return finish(&packet, LB_TTL_EXPIRED, XDP_DROP);
	count_request_bounded(&packet, id, action >> 19 & 1);
	fib_result = nexthop_to_backend(&packet, backend, id, forward, &nexthop);
	if (!is_one_way(forward))
		return forward_nat(&packet, service, backend, action >> 32, &nexthop, fib_result,
				   outcome);
	return forward_one_way(&packet, service, backend, forward, &nexthop, fib_result, outcome);
}

#endif
