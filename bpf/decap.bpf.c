// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other end of a tunnel: on a backend, takes packets out of the IP (RFC 2003, RFC
 * 2473) or UDP packet (GUE, variant 1) that a balancer put them into, and leaves them to
 * the kernel, which has the VIP as one of its addresses.
 *
 * Only packets to addresses that the operator named are opened. What is no tunnel of
 * ours, or cut up on its way, is left to the kernel as it is. Congestion that was marked
 * on the way is handed inwards (RFC 6040).
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define GUE_PORT      6080
#define IPV4_FRAGMENT 0x3fff
#define ECN_MASK      3
#define ECN_CE	      3

/* Addresses that tunnels end at, IPv4 as ::ffff:a.b.c.d. Filled in before loading. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u64[2]);
	__type(value, __u32);
} addresses SEC(".maps");

struct tag {
	__be16 control;
	__be16 type;
};

/* A packet's outside: how long it is, and what it says of the inside. */
struct outer {
	__u64 address[2]; /* that it is sent to */
	__u32 ethernet_bytes;
	__u32 bytes; /* of all headers up to the packet inside */
	__u8 protocol;
	__u8 class; /* DSCP and ECN */
};

/* Behind Ethernet and up to two tags; false if there is no whole header. */
static __always_inline bool read_ethernet(const struct xdp_md *ctx, struct outer *outer,
					  __be16 *type)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *ethernet = (void *)(long)ctx->data;
	struct tag *tag = (void *)(ethernet + 1);

	if ((void *)tag > end)
		return false;
	*type = ethernet->h_proto;
	outer->ethernet_bytes = ETH_HLEN;
	for (int i = 0; i < 2; i++, tag++) {
		if (*type != bpf_htons(ETH_P_8021Q) && *type != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(tag + 1) > end)
			return false;
		*type = tag->type;
		outer->ethernet_bytes += sizeof(*tag);
	}
	return true;
}

static __always_inline bool read_ipv4(void *at, void *end, struct outer *outer)
{
	struct iphdr *ip = at;

	if ((void *)(ip + 1) > end || *(__u8 *)ip != 0x45 ||
	    ip->frag_off & bpf_htons(IPV4_FRAGMENT))
		return false;
	outer->address[0] = 0;
	outer->address[1] = (__u64)ip->daddr << 32 | bpf_htonl(0xffff);
	outer->protocol = ip->protocol;
	outer->class = ip->tos;
	outer->bytes = sizeof(*ip);
	return true;
}

static __always_inline bool read_ipv6(void *at, void *end, struct outer *outer)
{
	struct ipv6hdr *ip = at;

	if ((void *)(ip + 1) > end || ip->version != 6)
		return false;
	__builtin_memcpy(outer->address, &ip->daddr, sizeof(outer->address));
	outer->protocol = ip->nexthdr;
	outer->class = bpf_ntohl(*(__be32 *)ip) >> 20;
	outer->bytes = sizeof(*ip);
	return true;
}

/* The outside of a packet in a tunnel that ends here; false for any other. */
static __always_inline bool read_outer(struct xdp_md *ctx, struct outer *outer)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__be16 type;
	void *at;

	if (!read_ethernet(ctx, outer, &type))
		return false;
	at = data + outer->ethernet_bytes;
	if (type == bpf_htons(ETH_P_IP)) {
		if (!read_ipv4(at, end, outer))
			return false;
	} else if (type != bpf_htons(ETH_P_IPV6) || !read_ipv6(at, end, outer)) {
		return false;
	}
	if (outer->protocol == IPPROTO_UDP) {
		struct udphdr *udp = at + outer->bytes;

		if ((void *)(udp + 1) > end || udp->dest != bpf_htons(GUE_PORT))
			return false;
		outer->bytes += sizeof(*udp);
	} else if (outer->protocol != IPPROTO_IPIP && outer->protocol != IPPROTO_IPV6) {
		return false;
	}
	return bpf_map_lookup_elem(&addresses, outer->address);
}

/* Where the packet inside begins; the masks are for the verifier. */
static __always_inline void *inner_packet(const struct xdp_md *ctx, const struct outer *outer)
{
	return (void *)(long)ctx->data + (outer->ethernet_bytes & 31) + (outer->bytes & 63);
}

/* The type of the packet inside; 0 if it is none, or not what the tunnel said. */
static __always_inline __be16 inner_type(const struct xdp_md *ctx, const struct outer *outer)
{
	void *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = inner_packet(ctx, outer);
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

static __always_inline void set_ce_ipv4(struct iphdr *ip)
{
	__u8 ce_tos = ip->tos | ECN_CE;
	__u32 sum = (__u16)~ip->check + (__u16)~bpf_htons(ip->tos) + bpf_htons(ce_tos);

	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~(sum + (sum >> 16));
	ip->tos = ce_tos;
}

/*
 * Hands a mark of congestion inwards; false if the packet inside cannot take it, and so
 * has to be dropped, as the router would have done without the tunnel.
 */
static __always_inline bool propagate_ce(struct iphdr *ip, void *end, __u8 outer_class)
{
	struct ipv6hdr *ip6 = (void *)ip;

	if ((outer_class & ECN_MASK) != ECN_CE)
		return true;
	if (ip->version == 4) {
		if (!(ip->tos & ECN_MASK))
			return false;
		set_ce_ipv4(ip);
		return true;
	}
	if ((void *)(ip6 + 1) > end)
		return false;
	if (!(ip6->flow_lbl[0] & ECN_MASK << 4))
		return false;
	ip6->flow_lbl[0] |= ECN_CE << 4;
	return true;
}

/*
 * Moves the Ethernet header, tags included, over the outer headers; its type changes.
 * What is behind the header is the packet inside, and stays as it is.
 */
static __always_inline bool move_ethernet(void *data, void *end, const struct outer *outer,
					  __be16 type)
{
	__u32 *from = data, *to = data + (outer->bytes & 63);
	__u32 last = (outer->ethernet_bytes - sizeof(type)) & 31;
	__u32 first[3], tags[2];

	if ((void *)(from + 6) > end || (void *)(to + 6) > end)
		return false;
	__builtin_memcpy(first, from, sizeof(first));
	__builtin_memcpy(tags, from + 3, sizeof(tags));
	__builtin_memcpy(to, first, sizeof(first));
	if (outer->ethernet_bytes > ETH_HLEN)
		to[3] = tags[0];
	if (outer->ethernet_bytes > ETH_HLEN + 4)
		to[4] = tags[1];
	if ((void *)to + last + sizeof(type) > end)
		return false;
	*(__be16 *)((void *)to + last) = type;
	return true;
}

SEC("xdp.frags")
int decap(struct xdp_md *ctx)
{
	struct outer outer = {0};
	void *data, *end;
	__be16 type;
	struct iphdr *inner;

	if (!read_outer(ctx, &outer))
		return XDP_PASS;
	type = inner_type(ctx, &outer);
	if (!type)
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	inner = inner_packet(ctx, &outer);
	if ((void *)(inner + 1) > end || !propagate_ce(inner, end, outer.class))
		return XDP_DROP;
	if (!move_ethernet(data, end, &outer, type) || bpf_xdp_adjust_head(ctx, (int)outer.bytes))
		return XDP_DROP;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
