/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The straight way to backends that answer past us: in a tunnel, or by the hardware
 * address. It is for plain packets whose backend's next hop is known and leaves room for
 * them; all others are deliver()'s, which finds them untouched.
 *
 * Nothing is moved: the Ethernet header in front of the tunnel is written anew, as there
 * are no tags. Each IP version and each kind of tunnel has its own code, in which what the
 * packet was found to be is not asked again.
 */
#ifndef BPF_FORWARD_ENCAP_FAST_H
#define BPF_FORWARD_ENCAP_FAST_H

#include "forward/forward.h"

#define NOT_CARRIED XDP_ABORTED

/* As wrap(), of an untagged packet, with the type in its new Ethernet header. */
static __always_inline bool wrap_plain(struct packet *packet, const struct wrapping *wrapping,
				       __u32 hash)
{
	struct cargo cargo = cargo_of(packet, hash);
	struct xdp_md *ctx = packet->ctx;
	const void *end;

	if (wrapping->is_gue && !wrapping->is_ipv4)
		cargo.sum = packet_sum(packet);
	if (bpf_xdp_adjust_head(ctx, -(int)wrapping_bytes(wrapping)))
		return false;
	packet->ethernet = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (!write_outer(packet->ethernet + 1, end, &cargo, wrapping))
		return false;
	*(__be16 *)((void *)packet->ethernet + 2 * ETH_ALEN) =
		wrapping->is_ipv4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	return true;
}

_Static_assert(LB_OUTCOME_COUNT <= 32, "outcomes that outcome_of() tells apart");

/* Where it goes, once that is known to be possible. */
struct road {
	struct hop hop;
	int verdict;
	__u32 how; /* of delivery() */
	__u32 hash; /* of flow_hash() */
};

static __always_inline enum lb_outcome outcome_of(const struct road *road)
{
	return road->how >> 20 & 0x1f;
}

static __always_inline void count_carried(const struct packet *packet, const struct road *road)
{
	count_delivered(packet, road->how & 0xffff, road->how >> 19 & 1);
}

/* In a tunnel of a kind that the compiler knows. */
static __always_inline int carry_wrapped(struct packet *packet, const struct lb_backend *backend,
					 const struct road *road, bool is_ipv4, bool is_gue)
{
	struct wrapping wrapping = {
		.service = service_get(backend->service),
		.backend = backend,
		.is_ipv4 = is_ipv4,
		.is_gue = is_gue,
	};

	if (!wrapping.service || packet_bytes(packet) + wrapping_bytes(&wrapping) > road->hop.mtu)
		return NOT_CARRIED;
	count_carried(packet, road);
	lose_hop(packet);
	if (!wrap_plain(packet, &wrapping, road->hash))
		return leave(packet, LB_NO_HEADROOM, XDP_DROP);
	mac_store(packet->ethernet, road->hop.to, road->hop.from);
	return leave(packet, outcome_of(road), road->verdict);
}

static __always_inline int carry_as_is(const struct packet *packet, const struct road *road)
{
	count_carried(packet, road);
	mac_store(packet->ethernet, road->hop.to, road->hop.from);
	return leave(packet, outcome_of(road), road->verdict);
}

/*
 * Sends a plain packet to its backend; `how` is of delivery(). NOT_CARRIED: the packet is
 * as it was, and deliver() is to have it.
 */
static __always_inline int carry(struct packet *packet, struct lb_backend *backend, __u32 how,
				 __u32 hash)
{
	enum lb_forward forward = delivery_forward(how);
	struct road road = {.how = how, .hash = hash};

	if (!hop_is_fresh(backend, &road.hop, packet->now))
		return NOT_CARRIED;
	road.verdict = way_out(packet, &road.hop);
	if (road.verdict == XDP_PASS)
		return NOT_CARRIED;
	if (forward == LB_FORWARD_DSR)
		return carry_as_is(packet, &road);
	if (address_is_ipv4(backend->address)) {
		if (forward == LB_FORWARD_IPIP)
			return carry_wrapped(packet, backend, &road, true, false);
		return carry_wrapped(packet, backend, &road, true, true);
	}
	if (forward == LB_FORWARD_IPIP)
		return carry_wrapped(packet, backend, &road, false, false);
	return carry_wrapped(packet, backend, &road, false, true);
}

/* By the straight way, or the other. A plain packet has none of what parsing in steps finds. */
static __always_inline int carry_or_deliver(const struct packet *packet,
					    const struct flow_visit *visit,
					    const struct target *target, enum lb_outcome outcome)
{
	__u32 how = delivery(target, outcome, false);
	struct packet own = *packet;
	int verdict;

	own.is_bare = own.fragment = own.extension_bytes = 0;
	verdict = carry(&own, target->backend, how, visit->hash >> 16);
	return verdict == NOT_CARRIED ? verdict_of(deliver(packet->ctx, how)) : verdict;
}

#endif
