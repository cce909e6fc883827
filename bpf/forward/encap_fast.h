/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The straight way to backends that answer past us: in a tunnel, or by the hardware
 * address. It is for plain packets whose backend's next hop is known and leaves room for
 * them; all others are forward_packet()'s, which finds them untouched.
 *
 * Nothing is moved: the Ethernet header in front of the tunnel is written anew, as there
 * are no tags. Each IP version and each kind of tunnel has its own code, in which what the
 * packet was found to be is not asked again.
 */
#ifndef BPF_FORWARD_ENCAP_FAST_H
#define BPF_FORWARD_ENCAP_FAST_H

#include "forward/forward.h"

#define FAST_PATH_MISS XDP_ABORTED

/* As encap(), of an untagged packet, with the type in its new Ethernet header. */
static __always_inline bool encap_plain(struct packet *packet, const struct tunnel *tunnel,
					__u32 hash)
{
	struct inner inner = inner_of(packet, hash);
	struct xdp_md *ctx = packet->ctx;
	const void *end;

	if (tunnel->is_gue && !tunnel->is_ipv4)
		inner.sum = packet_sum(packet);
	if (bpf_xdp_adjust_head(ctx, -(int)tunnel_bytes(tunnel)))
		return false;
	packet->ethernet = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (!write_outer(packet->ethernet + 1, end, &inner, tunnel))
		return false;
	*(__be16 *)((void *)packet->ethernet + 2 * ETH_ALEN) =
		tunnel->is_ipv4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	return true;
}

_Static_assert(LB_OUTCOME_COUNT <= 32, "outcomes that outcome_of() tells apart");

/* Where it goes, once that is known to be possible. */
struct egress {
	struct nexthop nexthop;
	int verdict;
	__u32 action; /* of forward_action() */
	__u32 hash; /* of flow_hash() */
};

static __always_inline enum lb_outcome egress_outcome(const struct egress *egress)
{
	return egress->action >> 20 & 0x1f;
}

static __always_inline void count_egress(const struct packet *packet, const struct egress *egress)
{
	count_request_bounded(packet, egress->action & 0xffff, egress->action >> 19 & 1);
}

/* In a tunnel of a kind that the compiler knows. */
static __always_inline int fast_tunnel(struct packet *packet, const struct lb_backend *backend,
				       const struct egress *egress, bool is_ipv4, bool is_gue)
{
	struct tunnel tunnel = {
		.service = service_get(backend->service),
		.backend = backend,
		.is_ipv4 = is_ipv4,
		.is_gue = is_gue,
	};

	if (!tunnel.service || packet_bytes(packet) + tunnel_bytes(&tunnel) > egress->nexthop.mtu)
		return FAST_PATH_MISS;
	count_egress(packet, egress);
	ttl_decrement(packet);
	if (!encap_plain(packet, &tunnel, egress->hash))
		return finish(packet, LB_NO_HEADROOM, XDP_DROP);
	mac_store(packet->ethernet, egress->nexthop.dst_mac, egress->nexthop.src_mac);
	return finish(packet, egress_outcome(egress), egress->verdict);
}

static __always_inline int fast_dsr(const struct packet *packet, const struct egress *egress)
{
	count_egress(packet, egress);
	mac_store(packet->ethernet, egress->nexthop.dst_mac, egress->nexthop.src_mac);
	return finish(packet, egress_outcome(egress), egress->verdict);
}

/*
 * Sends a plain packet to its backend; `how` is of forward_action(). FAST_PATH_MISS: the packet is
 * as it was, and forward_packet() is to have it.
 */
static __always_inline int encap_fast(struct packet *packet, struct lb_backend *backend,
				      __u32 action, __u32 hash)
{
	enum lb_forward forward = action_mode(action);
	struct egress egress = {.action = action, .hash = hash};

	if (!nexthop_is_fresh(backend, &egress.nexthop, packet->now))
		return FAST_PATH_MISS;
	egress.verdict = egress_verdict(packet, &egress.nexthop);
	if (egress.verdict == XDP_PASS)
		return FAST_PATH_MISS;
	if (forward == LB_FORWARD_DSR)
		return fast_dsr(packet, &egress);
	if (address_is_ipv4(backend->address)) {
		if (forward == LB_FORWARD_IPIP)
			return fast_tunnel(packet, backend, &egress, true, false);
		return fast_tunnel(packet, backend, &egress, true, true);
	}
	if (forward == LB_FORWARD_IPIP)
		return fast_tunnel(packet, backend, &egress, false, false);
	return fast_tunnel(packet, backend, &egress, false, true);
}

/* By the straight way, or the other. A plain packet has none of what parsing in steps finds. */
static __always_inline int fast_or_forward(const struct packet *packet,
					   const struct flow_lookup *lookup,
					   const struct target *target, enum lb_outcome outcome)
{
	__u32 action = forward_action(target, outcome, false);
	struct packet copy = *packet;
	int verdict;

	copy.is_portless = copy.fragment = copy.extension_bytes = 0;
	verdict = encap_fast(&copy, target->backend, action, lookup->hash >> 16);
	return verdict == FAST_PATH_MISS ? verdict_of(forward_packet(packet->ctx, action))
					 : verdict;
}

#endif
