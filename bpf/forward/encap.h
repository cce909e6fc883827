/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A packet within a packet: the outer headers of a tunnel to a backend.
 *
 *     ipip   Ethernet | IPv4 or IPv6 | packet            RFC 2003, RFC 2473
 *     gue    Ethernet | IPv4 or IPv6 | UDP | packet      GUE, variant 1
 *
 * The outer source is one of the service's source addresses, by the flow's hash, and so
 * are GUE's source port and IPv6's flow label: a backend's network card spreads flows
 * over its queues by them. Traffic class and congestion bits are copied outwards (RFC
 * 6040), and so is whether the packet may be cut up.
 *
 * A UDP checksum is due over IPv6 only. It needs no look at the payload: what the
 * packet's own checksums cover adds up to a sum that its headers tell. Where they do not
 * tell it (no checksum, a fragment, an ICMP message, extension headers), the outer UDP
 * header has none (RFC 6936).
 */
#ifndef BPF_FORWARD_ENCAP_H
#define BPF_FORWARD_ENCAP_H

#include "forward/nat.h"
#include "forward/nexthop.h"

#define GUE_PORT	   6080
#define OUTER_TTL	   64
#define IPV4_DONT_FRAGMENT 0x4000

/* Outer headers in words, each written at once. */
struct outer4 {
	__be32 version_class_length;
	__u16 id;
	__be16 fragment;
	__u8 ttl;
	__u8 protocol;
	__u16 sum;
	__be32 source;
	__be32 destination;
};

struct outer6 {
	__be32 version_class_label;
	__be16 length;
	__u8 protocol;
	__u8 ttl;
	__be32 source[4];
	__be32 destination[4];
};

/* What the outer headers need to know of the packet. */
struct inner {
	__u32 bytes;
	__u32 hash; /* of its flow */
	__u16 sum; /* over all of it; 0 = not known */
	__u16 id; /* for an outer IPv4 header, in network order */
	__be16 fragment;
	__u8 class; /* DSCP and ECN */
	__u8 protocol; /* that says what is inside */
};

/* What it is put into. */
struct tunnel {
	const struct lb_service *service;
	const struct lb_backend *backend;
	bool is_ipv4;
	bool is_gue;
	bool may_fragment; /* too large for the way: what may be, is cut up by the kernel */
};

static __always_inline __u32 tunnel_bytes(const struct tunnel *tunnel)
{
	return (tunnel->is_ipv4 ? sizeof(struct outer4) : sizeof(struct outer6)) +
	       (tunnel->is_gue ? sizeof(struct udphdr) : 0);
}

/* Fragments of one packet have its number in common; their outer packets must not. */
static __always_inline __u16 outer_id(const struct packet *packet)
{
	return packet->ipv4->id ^ bpf_htons(packet->fragment & IPV4_OFFSET);
}

/*
 * The sum over a whole packet whose checksums are right: its IPv4 header adds nothing,
 * and its transport part the complement of the pseudo header.
 */
static __always_inline __u16 packet_sum(const struct packet *packet)
{
	__u16 folded;
	__u64 sum;

	if (packet->is_portless || packet->fragment || packet->extension_bytes)
		return 0;
	if (!packet->is_tcp && !packet->udp->check)
		return 0;
	if (packet->is_ipv4) {
		sum = (__u64)packet->ipv4->saddr + packet->ipv4->daddr +
		      bpf_htons(packet->ipv4->protocol) +
		      bpf_htons(bpf_ntohs(packet->ipv4->tot_len) - packet->ipv4->ihl * 4);
		folded = ~fold(sum);
		return folded ? folded : 0xffff; /* the other zero, for 0 says something else */
	}
	sum = (__u64) * (__u32 *)packet->ipv6 + *(__u16 *)((void *)packet->ipv6 + 6);
	return fold(sum + (__u16)~bpf_htons(packet->ipv6->nexthdr));
}

static __always_inline struct inner inner_of(const struct packet *packet, __u32 hash)
{
	struct inner inner;

	inner.bytes = packet_bytes(packet);
	inner.hash = hash;
	inner.sum = 0;
	if (packet->is_ipv4) {
		inner.class = packet->ipv4->tos;
		inner.protocol = IPPROTO_IPIP;
		inner.id = outer_id(packet);
		inner.fragment = packet->ipv4->frag_off & bpf_htons(IPV4_DONT_FRAGMENT);
	} else {
		inner.class = bpf_ntohl(*(__be32 *)packet->ipv6) >> 20;
		inner.protocol = IPPROTO_IPV6;
		inner.id = 0;
		inner.fragment = bpf_htons(IPV4_DONT_FRAGMENT);
	}
	return inner;
}

static __always_inline void write_outer4(struct outer4 *outer, const struct inner *inner,
					 const struct tunnel *tunnel)
{
	const struct lb_service *service = tunnel->service;
	__u32 bytes = inner->bytes + tunnel_bytes(tunnel);
	__be32 first = bpf_htonl(0x45000000 | (__u32)inner->class << 16 | (bytes & 0xffff));
	__be32 source = service->source4 | (inner->hash & service->source4_hosts);
	__be32 destination = tunnel->backend->address[1] >> 32;
	__u8 protocol = tunnel->is_gue ? IPPROTO_UDP : inner->protocol;

	outer->version_class_length = first;
	outer->id = inner->id;
	outer->fragment = inner->fragment;
	outer->ttl = OUTER_TTL;
	outer->protocol = protocol;
	outer->source = source;
	outer->destination = destination;
	outer->sum = ~fold((__u64)first + inner->id + inner->fragment +
			   (OUTER_TTL | (__u32)protocol << 8) + source + destination);
}

static __always_inline void write_outer6(struct outer6 *outer, const struct inner *inner,
					 const struct tunnel *tunnel)
{
	const struct lb_service *service = tunnel->service;
	const __u64 *source = service->source6, *destination = tunnel->backend->address;
	__u32 bytes = inner->bytes + tunnel_bytes(tunnel) - sizeof(*outer);

	outer->version_class_label =
		bpf_htonl(0x60000000 | (__u32)inner->class << 20 | (inner->hash & 0xfffff));
	outer->length = bpf_htons(bytes);
	outer->protocol = tunnel->is_gue ? IPPROTO_UDP : inner->protocol;
	outer->ttl = OUTER_TTL;
	outer->source[0] = source[0];
	outer->source[1] = source[0] >> 32;
	outer->source[2] = source[1];
	outer->source[3] = source[1] >> 32 | (inner->hash & service->source6_hosts);
	outer->destination[0] = destination[0];
	outer->destination[1] = destination[0] >> 32;
	outer->destination[2] = destination[1];
	outer->destination[3] = destination[1] >> 32;
}

/* The checksum of GUE's UDP header in IPv6; `outer` is written. */
static __always_inline __u16 gue_sum6(const struct outer6 *outer, const struct udphdr *udp,
				      __u16 inner_sum)
{
	__u16 field;
	__u64 sum;

	if (!inner_sum)
		return 0;
	barrier_var(outer); /* read again, not kept in mind: the stack is short */
	sum = (__u64)outer->source[0] + outer->source[1] + outer->source[2] + outer->source[3] +
	      outer->destination[0] + outer->destination[1] + outer->destination[2] +
	      outer->destination[3];
	sum += bpf_htons(IPPROTO_UDP) + udp->len; /* the pseudo header's */
	sum += udp->source + udp->dest + udp->len + inner_sum;
	field = ~fold(sum);
	return field ? field : 0xffff;
}

static __always_inline void write_udp(struct udphdr *udp, const struct inner *inner)
{
	udp->source = (__be16)(inner->hash >> 16) | bpf_htons(0xc000); /* a dynamic port */
	udp->dest = bpf_htons(GUE_PORT);
	udp->len = bpf_htons(sizeof(*udp) + inner->bytes);
	udp->check = 0;
}

/* The headers behind the Ethernet header; false if they do not lie within the packet. */
static __always_inline bool write_outer(void *at, const void *end, const struct inner *inner,
					const struct tunnel *tunnel)
{
	struct outer4 *outer4 = at;
	struct outer6 *outer6 = at;
	struct udphdr *udp;

	if (tunnel->is_ipv4) {
		udp = (void *)(outer4 + 1);
		if ((void *)(udp + 1) > end)
			return false;
		write_outer4(outer4, inner, tunnel);
		if (tunnel->is_gue)
			write_udp(udp, inner);
		return true;
	}
	udp = (void *)(outer6 + 1);
	if ((void *)(udp + 1) > end)
		return false;
	write_outer6(outer6, inner, tunnel);
	if (tunnel->is_gue) {
		write_udp(udp, inner);
		udp->check = gue_sum6(outer6, udp, inner->sum);
	}
	return true;
}

/*
 * Moves the Ethernet header, tags included, to the front of a packet that has grown
 * by so many bytes there, and gives it another type.
 */
static __always_inline bool move_ethernet(void *data, const void *end, __u32 grown, __u32 bytes,
					  __be16 type)
{
	void *old = data + grown;
	__be16 *last;

	if (old + ETH_HLEN + 8 > end || data + ETH_HLEN + 8 > end)
		return false;
	mac_store(data, mac_load(old), mac_load(old + ETH_ALEN));
	if (bytes > ETH_HLEN)
		*(__u32 *)(data + 12) = *(__u32 *)(old + 12);
	if (bytes > ETH_HLEN + 4)
		*(__u32 *)(data + 16) = *(__u32 *)(old + 16);
	bytes -= sizeof(*last);
	barrier_var(bytes); /* where the verifier sees the sum behind it as a place */
	last = data + (bytes & 31);
	if ((void *)(last + 1) > end)
		return false;
	*last = type;
	return true;
}

/* Puts the packet into its tunnel; false if there is no room in front of it. */
static __always_inline bool encap(struct packet *packet, const struct tunnel *tunnel, __u32 hash)
{
	struct inner inner = inner_of(packet, hash);
	__u32 ethernet_bytes = packet->network - (void *)packet->ethernet;
	__u32 grown = tunnel_bytes(tunnel);
	struct xdp_md *ctx = packet->ctx;
	__be16 type = tunnel->is_ipv4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	void *data, *end;

	if (tunnel->is_gue && !tunnel->is_ipv4)
		inner.sum = packet_sum(packet);
	if (tunnel->may_fragment && !packet->is_ipv4) {
		inner.fragment = 0;
		inner.id = bpf_get_prandom_u32();
	}
	if (bpf_xdp_adjust_head(ctx, -(int)grown))
		return false;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	ethernet_bytes &= 31;
	if (!move_ethernet(data, end, grown, ethernet_bytes, type))
		return false;
	packet->ethernet = data;
	return write_outer(data + ethernet_bytes, end, &inner, tunnel);
}

#endif
