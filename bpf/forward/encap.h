/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Encapsulation: the outer headers of a tunnel to a backend.
 *
 *     ipip   Ethernet | IPv4 or IPv6 | packet            RFC 2003, RFC 2473
 *     gue    Ethernet | IPv4 or IPv6 | UDP | packet      GUE, variant 1
 *
 * The flow's hash selects the outer source address out of the service's prefixes, GUE's source port
 * and IPv6's flow label. By these a backend's NIC distributes flows to its queues (RSS). Traffic
 * class and ECN bits are copied to the outer header (RFC 6040), and so is IPv4's don't-fragment
 * bit.
 *
 * Only over IPv6 does UDP need a checksum. It is computed without reading the payload: the data
 * that the packet's own checksums cover adds up to a sum that follows from its headers. Where it
 * does not (no checksum, fragment, ICMP, extension headers), the outer UDP checksum is 0 (RFC
 * 6936).
 */
#ifndef BPF_FORWARD_ENCAP_H
#define BPF_FORWARD_ENCAP_H

#include "core/maps.h"
#include "forward/checksum.h"
#include "packet/packet.h"

#define OUTER_TTL 64

/* Headers in words, each of which is one store. */
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

/* Fields of the packet that the outer headers depend on. */
struct inner {
	__u32 bytes;
	__u32 hash; /* of its flow */
	__u16 sum; /* over all of its bytes; 0 = unknown */
	__u16 id; /* of an outer IPv4 header, in network order */
	__be16 fragment;
	__u8 class; /* DSCP and ECN */
	__u8 protocol; /* of ipip: IPPROTO_IPIP or IPPROTO_IPV6 */
};

struct tunnel {
	const struct lb_service *service;
	const struct lb_backend *backend;
	bool is_ipv4;
	bool is_gue;
	bool may_fragment; /* larger than the MTU: the kernel may fragment the outer packet */
	bool new_macs; /* the packet is untagged, and the caller writes its MAC addresses */
};

static __always_inline __u32 tunnel_bytes(const struct tunnel *tunnel)
{
	return (tunnel->is_ipv4 ? sizeof(struct outer4) : sizeof(struct outer6)) +
	       (tunnel->is_gue ? sizeof(struct udphdr) : 0);
}

/* Fragments of a packet share its id; their outer packets must not. */
static __always_inline __u16 outer_id(const struct packet *packet, const struct headers *headers)
{
	return headers->ipv4->id ^ bpf_htons(packet->fragment & IPV4_OFFSET);
}

static __always_inline bool has_extensions(const struct headers *headers)
{
	return !headers->is_ipv4 && headers->transport != (void *)(headers->ipv6 + 1);
}

/*
 * The sum over a whole packet with correct checksums; 0 if it is unknown. The IPv4 header adds
 * nothing to it, and the transport part adds the complement of the pseudo header.
 */
static __always_inline __u16 packet_sum(const struct packet *packet, const struct headers *headers)
{
	__u16 folded;
	__u64 sum;

	if (!headers->has_ports || packet->fragment || has_extensions(headers))
		return 0;
	if (!headers->is_tcp && !headers->udp->check)
		return 0;
	if (headers->is_ipv4) {
		sum = (__u64)headers->ipv4->saddr + headers->ipv4->daddr +
		      bpf_htons(headers->ipv4->protocol) +
		      bpf_htons(bpf_ntohs(headers->ipv4->tot_len) - headers->ipv4->ihl * 4);
		folded = ~fold(sum);
		return folded ? folded : 0xffff; /* the other form of zero */
	}
	sum = (__u64) * (__u32 *)headers->ipv6 + *(__u16 *)((void *)headers->ipv6 + 6);
	return fold(sum + (__u16)~bpf_htons(headers->ipv6->nexthdr));
}

static __always_inline struct inner inner_of(const struct packet *packet,
					     const struct headers *headers, __u32 hash)
{
	struct inner inner;

	inner.bytes = ip_bytes(headers);
	inner.hash = hash;
	inner.sum = 0;
	if (headers->is_ipv4) {
		inner.class = headers->ipv4->tos;
		inner.protocol = IPPROTO_IPIP;
		inner.id = outer_id(packet, headers);
		inner.fragment = headers->ipv4->frag_off & bpf_htons(IPV4_DONT_FRAGMENT);
	} else {
		inner.class = bpf_ntohl(*(__be32 *)headers->ipv6) >> 20;
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
	__be32 destination = address_ipv4(tunnel->backend->address);
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

/* The UDP checksum of GUE over IPv6, after all other fields have been written. */
static __always_inline __u16 gue_sum6(const struct outer6 *outer, const struct udphdr *udp,
				      __u16 inner_sum)
{
	__u16 field;
	__u64 sum;

	if (!inner_sum)
		return 0;
	barrier_var(outer); /* read back: to keep the fields would take stack */
	sum = (__u64)outer->source[0] + outer->source[1] + outer->source[2] + outer->source[3] +
	      outer->destination[0] + outer->destination[1] + outer->destination[2] +
	      outer->destination[3];
	sum += bpf_htons(IPPROTO_UDP) + udp->len; /* pseudo header */
	sum += udp->source + udp->dest + udp->len + inner_sum;
	field = ~fold(sum);
	return field ? field : 0xffff;
}

static __always_inline void write_udp(struct udphdr *udp, const struct inner *inner)
{
	udp->source = (__be16)(inner->hash >> 16) | bpf_htons(0xc000); /* 49152 to 65535 */
	udp->dest = bpf_htons(GUE_PORT);
	udp->len = bpf_htons(sizeof(*udp) + inner->bytes);
	udp->check = 0;
}

/* Writes the headers after the Ethernet header. False if the packet has no room for them. */
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
 * Encapsulates the packet, and finds its new Ethernet header. False if there is not enough headroom
 * in front of it.
 */
static __always_inline bool encap(const struct packet *packet, struct headers *headers,
				  const struct tunnel *tunnel, __u32 hash)
{
	struct inner inner = inner_of(packet, headers, hash);
	__u32 bytes = tunnel->new_macs ? ETH_HLEN : ethernet_bytes(headers) & ETHERNET_MASK;
	__u32 grown = tunnel_bytes(tunnel);
	__be16 type = tunnel->is_ipv4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	struct xdp_md *ctx = headers->ctx;
	void *data;

	if (tunnel->is_gue && !tunnel->is_ipv4)
		inner.sum = packet_sum(packet, headers);
	if (tunnel->may_fragment && !headers->is_ipv4) {
		inner.fragment = 0;
		inner.id = bpf_get_prandom_u32();
	}
	if (bpf_xdp_adjust_head(ctx, -(int)grown))
		return false;
	headers->ethernet = data = (void *)(long)ctx->data;
	headers->end = (void *)(long)ctx->data_end;
	if (!tunnel->new_macs && !ethernet_move(data, data + grown, headers->end, bytes, type))
		return false;
	if (!write_outer(data + bytes, headers->end, &inner, tunnel))
		return false;
	if (tunnel->new_macs)
		ethernet_set_type(data, type);
	return true;
}

#endif
