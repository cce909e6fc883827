/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a client is told of its packet: that it is larger than the way to a backend
 * allows (RFC 1191, RFC 8201). The service's address says so; the message carries the
 * beginning of the packet, from which the client knows its connection.
 */
#ifndef BPF_FORWARD_ICMP_TOO_BIG_H
#define BPF_FORWARD_ICMP_TOO_BIG_H

#include "forward/encap.h"
#include "forward/icmp_echo.h"
#include "observe/counters.h"
#include "packet/packet.h"

#define INNER_BYTES 128 /* of the packet, from its IP header on */

#define ICMP_FRAGMENT_NEEDED 4
#define IPV6_MTU_MIN	     1280

/*
 * May it not be cut up on its way, but its sender be told? About an error none is told. Nor is
 * one whose packet is as small as any of IPv6 may be (RFC 8200, 5): its tunnel is cut up.
 */
static __always_inline bool packet_must_not_fragment(const struct packet *packet)
{
	if (packet_is_icmp(packet))
		return false;
	if (!packet->is_ipv4)
		return packet_bytes(packet) > IPV6_MTU_MIN;
	return packet->ipv4->frag_off & bpf_htons(IPV4_DONT_FRAGMENT);
}

struct error4 {
	struct outer4 ip;
	struct icmp icmp;
	__u8 inner[INNER_BYTES];
};

struct error6 {
	struct outer6 ip;
	struct icmp icmp;
	__u8 inner[INNER_BYTES];
};

/* The message and its header; `service` and `client` are the packet's own addresses. */
static __always_inline void write_error4(struct error4 *error, __u32 mtu)
{
	const struct iphdr *inner = (void *)error->inner;
	struct outer4 *ip = &error->ip;

	ip->version_class_length = bpf_htonl(0x45000000 | sizeof(*error));
	ip->id = 0;
	ip->fragment = 0;
	ip->ttl = REPLY_TTL;
	ip->protocol = IPPROTO_ICMP;
	ip->source = inner->daddr;
	ip->destination = inner->saddr;
	ip->sum = ~fold((__u64)ip->version_class_length + (REPLY_TTL | IPPROTO_ICMP << 8) +
			ip->source + ip->destination);
	error->icmp.type = ICMP_UNREACHABLE;
	error->icmp.code = ICMP_FRAGMENT_NEEDED;
	error->icmp.checksum = 0;
	error->icmp.rest_of_header = bpf_htonl(mtu & 0xffff);
	error->icmp.checksum = ~fold(
		bpf_csum_diff(NULL, 0, (void *)&error->icmp, sizeof(*error) - sizeof(*ip), 0));
}

static __always_inline void write_error6(struct error6 *error, __u32 mtu)
{
	const struct ipv6hdr *inner = (void *)error->inner;
	const __u32 bytes = sizeof(*error) - sizeof(error->ip);
	struct outer6 *ip = &error->ip;

	ip->version_class_label = bpf_htonl(0x60000000);
	ip->length = bpf_htons(bytes);
	ip->protocol = IPPROTO_ICMPV6;
	ip->ttl = REPLY_TTL;
	__builtin_memcpy(ip->source, &inner->daddr, sizeof(ip->source));
	__builtin_memcpy(ip->destination, &inner->saddr, sizeof(ip->destination));
	error->icmp.type = ICMPV6_TOO_BIG;
	error->icmp.code = 0;
	error->icmp.checksum = 0;
	error->icmp.rest_of_header = bpf_htonl(mtu < IPV6_MTU_MIN ? IPV6_MTU_MIN : mtu);
	error->icmp.checksum = ~fold(bpf_csum_diff(NULL, 0, (void *)ip->source, sizeof(*error) - 8,
						   bpf_htons(bytes) + bpf_htons(IPPROTO_ICMPV6)));
}

/* Is as much there as is quoted, where it can be read at once? */
static __always_inline bool packet_has_inner_bytes(const struct packet *packet)
{
	return packet->network + INNER_BYTES <= packet->end;
}

/* Cuts the packet down to what is quoted, and makes room for the headers in front of it. */
static __always_inline bool make_headroom(struct packet *packet, __u32 headers)
{
	struct xdp_md *ctx = packet->ctx;
	__u32 ethernet_bytes = packet->network - (void *)packet->ethernet;
	int rest = (int)bpf_xdp_get_buff_len(ctx) - (int)(ethernet_bytes + INNER_BYTES);

	return !bpf_xdp_adjust_tail(ctx, -rest) && !bpf_xdp_adjust_head(ctx, -(int)headers);
}

/*
 * Tells the client by which size its packets arrive. A function of its own, which reads
 * the packet again.
 */
__noinline int icmp_too_big_send(struct xdp_md *ctx, __u32 mtu)
{
	struct packet packet;
	__u32 ethernet_bytes, headers;
	void *data, *end;

	if (!packet_init(&packet, ctx))
		return XDP_ABORTED;
	if (packet_find_network(&packet))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	if (!packet_has_inner_bytes(&packet))
		return finish(&packet, LB_MALFORMED, XDP_PASS); /* its length is not what it says */
	ethernet_bytes = (packet.network - (void *)packet.ethernet) & 31;
	headers = (packet.is_ipv4 ? sizeof(struct error4) : sizeof(struct error6)) - INNER_BYTES;
	if (!make_headroom(&packet, headers))
		return finish(&packet, LB_NO_HEADROOM, XDP_DROP);
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (!move_ethernet(data, end, headers, ethernet_bytes,
			   packet.is_ipv4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6)))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	swap_ethernet(data);
	if (packet.is_ipv4) {
		struct error4 *error = data + ethernet_bytes;

		if ((void *)(error + 1) > end)
			return finish(&packet, LB_ABORTED, XDP_DROP);
		write_error4(error, mtu);
	} else {
		struct error6 *error = data + ethernet_bytes;

		if ((void *)(error + 1) > end)
			return finish(&packet, LB_ABORTED, XDP_DROP);
		write_error6(error, mtu);
	}
	return finish(&packet, LB_TOO_BIG, XDP_TX);
}

#endif
