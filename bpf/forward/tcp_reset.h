/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TCP reset: the answer to a packet of a connection to a backend out of service (RFC 9293,
 * 3.10.7.1). The source is the VIP. The packet consists of headers only. It leaves by the
 * interface, and to the MAC address, that the client's packet came from.
 */
#ifndef BPF_FORWARD_TCP_RESET_H
#define BPF_FORWARD_TCP_RESET_H

#include "forward/encap.h"
#include "forward/icmp_echo.h"
#include "packet/packet.h"

/* A TCP header in words, each of which is one store. */
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

/* The header without its checksum, acceptable to the client in any state. */
static __always_inline struct tcp_words reset_header(const struct packet *packet,
						     const struct headers *headers)
{
	bool acknowledges = packet->tcp_flags & TCP_ACK;
	__u16 flags = acknowledges ? TCP_RST : TCP_RST | TCP_ACK;
	__u32 bytes = ip_bytes(headers);
	__u32 before = headers->transport - headers->network + headers->tcp->doff * 4;
	__u32 next = bpf_ntohl(headers->tcp->seq) + (bytes > before ? bytes - before : 0) +
		     !!(packet->tcp_flags & TCP_SYN) + !!(packet->tcp_flags & TCP_FIN);

	return (struct tcp_words){
		.source = packet->destination_port,
		.destination = packet->source_port,
		.sequence = acknowledges ? headers->tcp->ack_seq : 0,
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
	__be32 source = address_ipv4(packet->destination);
	__be32 destination = address_ipv4(packet->source);

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

static __always_inline void write_reset6(struct reset6 *tcp_reset, const struct packet *packet,
					 struct tcp_words tcp)
{
	struct outer6 *ip = &tcp_reset->ip;

	ip->version_class_label = bpf_htonl(0x60000000);
	ip->length = bpf_htons(sizeof(tcp));
	ip->protocol = IPPROTO_TCP;
	ip->ttl = REPLY_TTL;
	address_copy(ip->source, packet->destination);
	address_copy(ip->destination, packet->source);
	tcp.sum = ~fold(tcp_sum(&tcp) + address_sum(packet->source) +
			address_sum(packet->destination));
	tcp_reset->tcp = tcp;
}

/* Shortens or extends the packet to `bytes` bytes. */
static __always_inline bool set_length(struct xdp_md *ctx, __u32 bytes)
{
	return !bpf_xdp_adjust_tail(ctx, (int)bytes - (int)bpf_xdp_get_buff_len(ctx));
}

/* Writes the reset after the Ethernet header. False if the packet has no room for it. */
static __always_inline bool write_reset(void *at, const void *end, const struct packet *packet,
					struct tcp_words tcp)
{
	struct reset4 *reset4 = at;
	struct reset6 *reset6 = at;

	if (packet->is_ipv4) {
		if ((void *)(reset4 + 1) > end)
			return false;
		write_reset4(reset4, packet, tcp);
		return true;
	}
	if ((void *)(reset6 + 1) > end)
		return false;
	write_reset6(reset6, packet, tcp);
	return true;
}

/*
 * Turns a client's TCP packet into the reset that answers it. Returns ACTION_VERDICT. Global
 * function, for its own stack frame.
 */
__noinline __u64 tcp_reset(struct xdp_md *ctx, const struct packet *packet)
{
	struct headers headers;
	struct tcp_words tcp;
	__u32 ethernet;
	void *data, *end;

	if (!packet || !headers_find(&headers, ctx, packet) || !headers.is_tcp)
		return action_abort().word;
	tcp = reset_header(packet, &headers);
	ethernet = packet->network & ETHERNET_MASK;
	if (!set_length(ctx, ethernet + (packet->is_ipv4 ? sizeof(struct reset4)
							 : sizeof(struct reset6))))
		return action_abort().word;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + ETH_HLEN > end)
		return action_abort().word;
	swap_ethernet(data);
	if (!write_reset(data + ethernet, end, packet, tcp))
		return action_abort().word;
	return action_verdict(LB_RESET, XDP_TX).word;
}

/* True if a reset has to answer the packet, because its backend is out of service. */
static __always_inline bool reset_applies(const struct lb_backend *backend,
					  const struct packet *packet)
{
	return backend->flags & LB_BACKEND_RESET && packet->is_tcp &&
	       !(packet->tcp_flags & (TCP_SYN | TCP_RST));
}

#endif
