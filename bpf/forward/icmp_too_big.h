/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ICMP "fragmentation needed" and ICMPv6 "packet too big": the answer to a packet that exceeds the
 * path MTU to its backend (RFC 1191, RFC 8201). The source is the VIP. The message contains the
 * beginning of the packet, by which the client finds its connection.
 */
#ifndef BPF_FORWARD_ICMP_TOO_BIG_H
#define BPF_FORWARD_ICMP_TOO_BIG_H

#include "forward/encap.h"
#include "forward/icmp_echo.h"
#include "packet/packet.h"

#define INNER_BYTES 128 /* of the packet, from its IP header on */

#define ICMP_FRAGMENT_NEEDED 4
#define IPV6_MTU_MIN	     1280

/*
 * True if the packet must not be fragmented, and its sender can be notified. An error never answers
 * ICMP, nor an IPv6 packet of a size that every link has to carry (RFC 8200, 5): the tunnel of that
 * is fragmented.
 */
static __always_inline bool packet_must_not_fragment(const struct packet *packet,
						     const struct headers *headers)
{
	if (packet_is_icmp(packet))
		return false;
	if (!headers->is_ipv4)
		return ip_bytes(headers) > IPV6_MTU_MIN;
	return headers->ipv4->frag_off & bpf_htons(IPV4_DONT_FRAGMENT);
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

/* Writes the message and its IP header, with the addresses of the inner packet swapped. */
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

/* Truncates the packet to INNER_BYTES, and makes room for headers. False without headroom. */
static __always_inline bool make_headroom(struct xdp_md *ctx, __u32 ethernet, __u32 headers)
{
	int rest = (int)bpf_xdp_get_buff_len(ctx) - (int)(ethernet + INNER_BYTES);

	return !bpf_xdp_adjust_tail(ctx, -rest) && !bpf_xdp_adjust_head(ctx, -(int)headers);
}

/* Writes the message after the Ethernet header. False if the packet has no room for it. */
static __always_inline bool write_error(void *at, const void *end, bool is_ipv4, __u32 mtu)
{
	struct error4 *error4 = at;
	struct error6 *error6 = at;

	if (is_ipv4) {
		if ((void *)(error4 + 1) > end)
			return false;
		write_error4(error4, mtu);
		return true;
	}
	if ((void *)(error6 + 1) > end)
		return false;
	write_error6(error6, mtu);
	return true;
}

/*
 * Turns the packet into the ICMP error that answers it. Returns ACTION_VERDICT. Global function,
 * for its own stack frame.
 */
__noinline __u64 icmp_too_big_send(struct xdp_md *ctx, const struct packet *packet, __u32 mtu)
{
	__u32 ethernet, headers;
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__be16 type;

	if (!packet)
		return action_abort().word;
	ethernet = packet->network & ETHERNET_MASK;
	if (data + ethernet + INNER_BYTES > end) /* shorter than the length in its IP header */
		return action_verdict(LB_MALFORMED, XDP_PASS).word;
	headers = (packet->is_ipv4 ? sizeof(struct error4) : sizeof(struct error6)) - INNER_BYTES;
	if (!make_headroom(ctx, ethernet, headers))
		return action_verdict(LB_NO_HEADROOM, XDP_DROP).word;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	type = packet->is_ipv4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	if (!ethernet_move(data, data + headers, end, ethernet, type))
		return action_abort().word;
	swap_ethernet(data);
	if (!write_error(data + ethernet, end, packet->is_ipv4, mtu))
		return action_abort().word;
	return action_verdict(LB_TOO_BIG, XDP_TX).word;
}

static __always_inline struct action icmp_too_big(struct xdp_md *ctx, const struct packet *packet,
						  __u32 mtu)
{
	return (struct action){icmp_too_big_send(ctx, packet, mtu)};
}

#endif
