/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a client is told of a connection whose backend is out of service: that it is over
 * (RFC 9293, 3.10.7.1). The service's endpoint says so, in a packet of nothing but headers, by
 * the way that the client's packet came.
 */
#ifndef BPF_FORWARD_TCP_RESET_H
#define BPF_FORWARD_TCP_RESET_H

#include "forward/encap.h"
#include "forward/icmp_echo.h"
#include "observe/counters.h"
#include "packet/packet.h"

/* A TCP header in words, each written at once. */
struct tcp_words {
	__be16 source;
	__be16 destination;
	__be32 sequence;
	__be32 acknowledged;
	__be16 length_flags;
	__be16 window;
	__u16 sum;
	__be16 urgent;
};

struct reset4 {
	struct outer4 ip;
	struct tcp_words tcp;
};

struct reset6 {
	struct outer6 ip;
	struct tcp_words tcp;
};

/* What the client's packet takes of the sequence: its payload, and its flags. */
static __always_inline __u32 sequence_length(const struct packet *packet)
{
	__u32 headers = packet->transport - packet->network + packet->tcp->doff * 4;
	__u32 bytes = packet_bytes(packet);

	return (bytes > headers ? bytes - headers : 0) + !!(packet->tcp_flags & TCP_SYN) +
	       !!(packet->tcp_flags & TCP_FIN);
}

/* The header but for its checksum: acceptable to the client, wherever it is. */
static __always_inline struct tcp_words reset_header(const struct packet *packet)
{
	bool acknowledges = packet->tcp_flags & TCP_ACK;
	__u32 next = bpf_ntohl(packet->tcp->seq) + sequence_length(packet);
	__u16 flags = acknowledges ? TCP_RST : TCP_RST | TCP_ACK;

	return (struct tcp_words){
		.source = packet->destination_port,
		.destination = packet->source_port,
		.sequence = acknowledges ? packet->tcp->ack_seq : 0,
		.acknowledged = acknowledges ? 0 : bpf_htonl(next),
		.length_flags = bpf_htons(sizeof(struct tcp_words) / 4 << 12 | flags),
	};
}

static __always_inline __u64 tcp_sum(const struct tcp_words *tcp)
{
	return (__u64)tcp->source + tcp->destination + tcp->sequence + tcp->acknowledged +
	       tcp->length_flags + bpf_htons(IPPROTO_TCP) + bpf_htons(sizeof(*tcp));
}

static __always_inline void write_reset4(struct reset4 *tcp_reset, const struct packet *packet,
					 struct tcp_words tcp)
{
	struct outer4 *ip = &tcp_reset->ip;
	__be32 source = packet->destination[1] >> 32, destination = packet->source[1] >> 32;

	ip->version_class_length = bpf_htonl(0x45000000 | sizeof(*tcp_reset));
	ip->id = 0;
	ip->fragment = bpf_htons(IPV4_DONT_FRAGMENT);
	ip->ttl = REPLY_TTL;
	ip->protocol = IPPROTO_TCP;
	ip->source = source;
	ip->destination = destination;
	ip->sum = ~fold((__u64)ip->version_class_length + ip->fragment +
			(REPLY_TTL | IPPROTO_TCP << 8) + source + destination);
	tcp.sum = ~fold(tcp_sum(&tcp) + source + destination);
	tcp_reset->tcp = tcp;
}

static __always_inline __u64 address_sum(const __u64 address[2])
{
	return (address[0] & 0xffffffff) + (address[0] >> 32) + (address[1] & 0xffffffff) +
	       (address[1] >> 32);
}

static __always_inline void write_reset6(struct reset6 *tcp_reset, const struct packet *packet,
					 struct tcp_words tcp)
{
	struct outer6 *ip = &tcp_reset->ip;

	ip->version_class_label = bpf_htonl(0x60000000);
	ip->length = bpf_htons(sizeof(tcp));
	ip->protocol = IPPROTO_TCP;
	ip->ttl = REPLY_TTL;
	__builtin_memcpy(ip->source, packet->destination, sizeof(ip->source));
	__builtin_memcpy(ip->destination, packet->source, sizeof(ip->destination));
	tcp.sum = ~fold(tcp_sum(&tcp) + address_sum(packet->source) +
			address_sum(packet->destination));
	tcp_reset->tcp = tcp;
}

/* Cuts the packet down to, or up to, so many bytes. */
static __always_inline bool set_length(struct xdp_md *ctx, __u32 bytes)
{
	return !bpf_xdp_adjust_tail(ctx, (int)bytes - (int)bpf_xdp_get_buff_len(ctx));
}

/*
 * Answers a client's TCP packet. A function of its own, which reads the packet again.
 */
__noinline int tcp_reset(struct xdp_md *ctx)
{
	struct packet packet;
	struct tcp_words tcp;
	__u32 ethernet_bytes;
	void *network, *end;

	if (!packet_init(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse(&packet) || !packet.is_tcp)
		return finish(&packet, LB_ABORTED, XDP_DROP);
	tcp = reset_header(&packet);
	ethernet_bytes = (packet.network - (void *)packet.ethernet) & 31;
	if (!set_length(ctx, ethernet_bytes + (packet.is_ipv4 ? sizeof(struct reset4)
							      : sizeof(struct reset6))))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	end = (void *)(long)ctx->data_end;
	packet.ethernet = (void *)(long)ctx->data;
	if ((void *)(packet.ethernet + 1) > end)
		return finish(&packet, LB_ABORTED, XDP_DROP);
	swap_ethernet(packet.ethernet);
	barrier_var(ethernet_bytes); /* masked behind this, where the verifier sees it */
	network = (void *)packet.ethernet + (ethernet_bytes & 31);
	if (packet.is_ipv4 && network + sizeof(struct reset4) <= end)
		write_reset4(network, &packet, tcp);
	else if (!packet.is_ipv4 && network + sizeof(struct reset6) <= end)
		write_reset6(network, &packet, tcp);
	else
		return finish(&packet, LB_ABORTED, XDP_DROP);
	return finish(&packet, LB_RESET, XDP_TX);
}

/* Is it of a connection that is to be ended, as its backend is out of service? */
static __always_inline bool reset_applies(const struct lb_backend *backend,
					  const struct packet *packet)
{
	return backend->flags & LB_BACKEND_RESET && packet->is_tcp &&
	       !(packet->tcp_flags & (TCP_SYN | TCP_RST));
}

#endif
