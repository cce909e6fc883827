// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP program of backends: decapsulation. Removes the outer headers of the balancer's tunnels,
 * IP-in-IP (RFC 2003, RFC 2473) and GUE variant 1. Passes the inner packets to the stack, which has
 * the VIP as a local address.
 *
 * Only tunnels to the configured addresses are decapsulated. Any other packet, and any outer
 * fragment, is passed unchanged. An ECN congestion mark (CE) of the outer header is copied to the
 * inner one (RFC 6040).
 */
#include "forward/checksum.h"
#include "packet/headers.h"

#define ECN_MASK   3
#define ECN_CE	   3
#define OUTER_MASK 0x3f /* an IPv6 and a UDP header have 48 bytes */

/* Addresses of tunnel ends, IPv4 as ::ffff:a.b.c.d. Filled before the program is loaded. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u64[2]);
	__type(value, __u32);
} addresses SEC(".maps");

/* Fields of the outer headers. */
struct outer {
	__u64 destination[2];
	__u32 bytes; /* of all headers between the Ethernet header and the inner packet */
	__u8 protocol;
	__u8 class; /* DSCP and ECN */
};

/* Reads the outer header. False if it is truncated, has options, or belongs to a fragment. */
static __always_inline bool read_ipv4(const struct headers *headers, struct outer *outer)
{
	const struct iphdr *ip = headers->ipv4;

	if ((void *)(ip + 1) > headers->end || *(__u8 *)ip != 0x45 ||
	    ip->frag_off & bpf_htons(IPV4_FRAGMENT))
		return false;
	address_set_ipv4(outer->destination, ip->daddr);
	outer->protocol = ip->protocol;
	outer->class = ip->tos;
	outer->bytes = sizeof(*ip);
	return true;
}

/* Reads the outer header. False if it is truncated. */
static __always_inline bool read_ipv6(const struct headers *headers, struct outer *outer)
{
	const struct ipv6hdr *ip = headers->ipv6;

	if ((void *)(ip + 1) > headers->end || ip->version != 6)
		return false;
	address_copy(outer->destination, &ip->daddr);
	outer->protocol = ip->nexthdr;
	outer->class = bpf_ntohl(*(__be32 *)ip) >> 20;
	outer->bytes = sizeof(*ip);
	return true;
}

/* Reads the headers of a tunnel to a configured address. False for any other packet. */
static __always_inline bool read_outer(struct headers *headers, struct outer *outer)
{
	__be16 type;

	if (!ethernet_parse(headers, &type))
		return false;
	if (type == bpf_htons(ETH_P_IP)) {
		if (!read_ipv4(headers, outer))
			return false;
	} else if (type != bpf_htons(ETH_P_IPV6) || !read_ipv6(headers, outer)) {
		return false;
	}
	if (outer->protocol == IPPROTO_UDP) {
		struct udphdr *udp = headers->network + outer->bytes;

		if ((void *)(udp + 1) > headers->end || udp->dest != bpf_htons(GUE_PORT))
			return false;
		outer->bytes += sizeof(*udp);
	} else if (outer->protocol != IPPROTO_IPIP && outer->protocol != IPPROTO_IPV6) {
		return false;
	}
	return bpf_map_lookup_elem(&addresses, outer->destination);
}

/* The inner packet's Ethernet type; 0 if it is truncated, or differs from the tunnel's protocol. */
static __always_inline __be16 inner_type(const struct iphdr *ip, const void *end,
					 const struct outer *outer)
{
	__u8 version;

	if ((void *)(ip + 1) > end)
		return 0;
	version = ip->version;
	if (version == 4 && outer->protocol != IPPROTO_IPV6)
		return bpf_htons(ETH_P_IP);
	if (version == 6 && outer->protocol != IPPROTO_IPIP)
		return bpf_htons(ETH_P_IPV6);
	return 0;
}

/*
 * Copies a CE mark to the inner packet. False if that does not support ECN: it is dropped, as the
 * router would have done without the tunnel.
 */
static __always_inline bool propagate_ce(struct iphdr *ip, const void *end, __u8 outer_class)
{
	struct ipv6hdr *ip6 = (void *)ip;
	__u8 class;

	if ((outer_class & ECN_MASK) != ECN_CE)
		return true;
	if (ip->version == 4) {
		class = ip->tos;
		if (!(class & ECN_MASK))
			return false;
		ip->check = sum_update(ip->check,
				       sum_delta(bpf_htons(class), bpf_htons(class | ECN_CE)));
		ip->tos = class | ECN_CE;
		return true;
	}
	if ((void *)(ip6 + 1) > end || !(ip6->flow_lbl[0] & ECN_MASK << 4))
		return false;
	ip6->flow_lbl[0] |= ECN_CE << 4;
	return true;
}

SEC("xdp.frags")
int decap(struct xdp_md *ctx)
{
	struct headers headers = {.ctx = ctx};
	struct outer outer = {0};
	struct iphdr *inner;
	__be16 type;

	if (!read_outer(&headers, &outer))
		return XDP_PASS;
	inner = headers.network + (outer.bytes & OUTER_MASK);
	type = inner_type(inner, headers.end, &outer);
	if (!type || !propagate_ce(inner, headers.end, outer.class))
		return XDP_DROP;
	if (!ethernet_move((void *)headers.ethernet + (outer.bytes & OUTER_MASK), headers.ethernet,
			   headers.end, ethernet_bytes(&headers), type) ||
	    bpf_xdp_adjust_head(ctx, (int)outer.bytes))
		return XDP_DROP;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
