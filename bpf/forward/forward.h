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

#define DELIVERY  (1U << 31)
#define ELSEWHERE (1U << 30) /* neither: whoever else knows the service shall look at it */
#define TO_RESET  (1U << 27) /* nor that: the client is told that its connection is over */
#define HOMEWARD \
	(1U \
	 << 29) /* in a delivery's stead, of what goes to a client: see forward/forward_portless.h */
#define BARE (1U << 28) /* of a delivery whose packet has no ports of its own */

/*
 * What a packet's delivery needs to know, in one word, which is unlike any verdict:
 * whoever finds it out hands it up to where the stack is short. Above it stands
 * the flow's port, of snat.
 */
static __always_inline __u32 delivery(const struct target *target, enum lb_outcome outcome,
				      bool is_new)
{
	return DELIVERY | outcome << 20 | is_new << 19 | target->forward << 16 | target->id;
}

static __always_inline enum lb_forward delivery_forward(__u32 how)
{
	return how >> 16 & 7;
}

/*
 * By the hardware address: the backend has to be a neighbour, and by a device of ours. The
 * kernel is no help: it would route the packet by the service's address, whence it came.
 */
static __always_inline int hand_over(struct packet *packet, const struct hop *hop, long answer,
				     enum lb_outcome outcome)
{
	int verdict;

	if (answer == BPF_FIB_LKUP_RET_NO_NEIGH)
		return leave(packet, LB_NO_NEIGHBOUR, XDP_DROP);
	verdict = answer ? XDP_PASS : way_out(packet, hop);
	if (verdict == XDP_PASS)
		return leave(packet, LB_NO_ROUTE, XDP_DROP);
	mac_store(packet->ethernet, hop->to, hop->from);
	return leave(packet, outcome, verdict);
}

/* By which network cards may tell flows apart. */
static __always_inline __u32 flow_hash(const struct packet *packet)
{
	return lb_flow_hash(flow_client(packet, packet->source, packet->source_port), seed()) >> 16;
}

/* In a tunnel, whose packets the kernel routes and cuts up where we cannot. */
static __always_inline int send_wrapped(struct packet *packet, struct wrapping *wrapping,
					const struct hop *hop, long answer, enum lb_outcome outcome)
{
	bool fits = packet_bytes(packet) + wrapping_bytes(wrapping) <= hop->mtu;

	if (!answer && !fits && packet_stays_whole(packet))
		return error_too_big(packet->ctx, hop->mtu - wrapping_bytes(wrapping));
	wrapping->is_cut = !answer && !fits;
	lose_hop(packet);
	if (!wrap(packet, wrapping, flow_hash(packet)))
		return leave(packet, LB_NO_HEADROOM, XDP_DROP);
	if (answer || !fits)
		return send_by_kernel(packet, answer);
	return send(packet, hop, outcome);
}

/* `place` is of snat; 0 = the client's address stays. */
static __always_inline int send_translated(struct packet *packet, const struct lb_service *service,
					   const struct lb_backend *backend, __u32 place,
					   const struct hop *hop, long answer,
					   enum lb_outcome outcome)
{
	bool fits = packet_bytes(packet) <= hop->mtu;

	if (!answer && !fits && packet_stays_whole(packet))
		return error_too_big(packet->ctx, hop->mtu);
	if (packet->is_bare) {
		if (place)
			readdress_from_client(packet, place);
		readdress_to_backend(packet, backend);
	} else {
		if (place)
			rewrite_from_client(packet, place);
		rewrite_to_backend(packet, backend);
		keep_port(packet, service, false);
	}
	return answer || !fits ? send_by_kernel(packet, answer) : send(packet, hop, outcome);
}

static __always_inline int send_carried(struct packet *packet, const struct lb_service *service,
					struct lb_backend *backend, enum lb_forward forward,
					const struct hop *hop, long answer, enum lb_outcome outcome)
{
	struct wrapping wrapping = {
		.service = service,
		.backend = backend,
		.is_ipv4 = address_is_ipv4(backend->address),
		.is_gue = forward == LB_FORWARD_GUE,
	};

	if (forward == LB_FORWARD_DSR)
		return hand_over(packet, hop, answer, outcome);
	return send_wrapped(packet, &wrapping, hop, answer, outcome);
}

/*
 * Sends a client's packet to its backend; `how` is of delivery(). A function of its own,
 * which reads the packet again: known flows and new ones have it in common.
 */
__noinline int deliver(struct xdp_md *ctx, __u64 how)
{
	__u32 id = how & 0xffff;
	enum lb_forward forward = delivery_forward(how);
	enum lb_outcome outcome = how >> 20 & 0xff;
	struct lb_backend *backend = backend_get(id);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	struct packet packet;
	struct hop hop;
	long answer;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (!service || (how & BARE ? packet_parse_bare(&packet) : packet_parse(&packet)))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	if (forward != LB_FORWARD_DSR && !packet_may_travel(&packet))
		return leave(&packet, LB_TTL_EXPIRED, XDP_DROP);
	count_delivered(&packet, id, how >> 19 & 1);
	answer = hop_to_backend(&packet, backend, id, forward, &hop);
	if (!is_one_way(forward))
		return send_translated(&packet, service, backend, how >> 32, &hop, answer, outcome);
	return send_carried(&packet, service, backend, forward, &hop, answer, outcome);
}

#endif
