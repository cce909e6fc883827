/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What came in? The packet's headers, checked and laid out: Ethernet with up to
 * two VLAN tags, IPv4 or IPv6, TCP or UDP.
 *
 * Everything that cannot be balanced is named by an outcome and left untouched.
 * Pointers lie within the first buffer of the packet; all of the headers that
 * they point to have been checked against its end.
 */
#ifndef LB_BPF_PACKET_H
#define LB_BPF_PACKET_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "map.h"

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

#define IPV4_FRAGMENT 0x3fff /* more fragments, or an offset */

struct packet {
	struct ethhdr *ethernet;
	union {
		struct iphdr *ipv4; /* one of the two, as is_ipv4 says */
		struct ipv6hdr *ipv6;
		void *network;
	};
	union {
		struct tcphdr *tcp; /* as protocol says */
		struct udphdr *udp;
		void *transport;
	};
	void *end;
	struct xdp_md *ctx;
	struct lb_cpu *cpu; /* what this CPU keeps */
	__u64 source[2];
	__u64 destination[2];
	__be16 source_port;
	__be16 destination_port;
	bool is_ipv4;
	__u8 protocol;
	__u8 tcp_flags; /* 0 for UDP */
	__u32 now; /* the tick of the flows' clock in which it came */
};

struct vlan_tag {
	__be16 control;
	__be16 type;
};

static __always_inline bool is_vlan(__be16 type)
{
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD);
}

/* Where it is counted, and when it came; false is a bug. */
static __always_inline bool packet_enter(struct packet *packet, struct xdp_md *ctx)
{
	packet->ctx = ctx;
	packet->cpu = map_get(&cpus, bpf_get_smp_processor_id());
	packet->now = now() >> LB_TICK_SHIFT;
	return packet->cpu;
}

/*
 * Each step returns 0, or the outcome of a packet that cannot be balanced. The
 * first sets packet->network, and *type to the Ethernet type behind all tags.
 */
static __always_inline enum lb_outcome packet_begin(struct packet *packet, __be16 *type)
{
	struct xdp_md *ctx = packet->ctx;

	packet->end = (void *)(long)ctx->data_end;
	packet->ethernet = (void *)(long)ctx->data;
	packet->network = packet->ethernet + 1;
	if (packet->network > packet->end)
		return LB_MALFORMED;
	*type = *(__be16 *)((void *)packet->ethernet + 2 * ETH_ALEN);
	for (int i = 0; i < 2 && is_vlan(*type); i++) {
		struct vlan_tag *tag = packet->network;

		if ((void *)(tag + 1) > packet->end)
			return LB_MALFORMED;
		*type = tag->type;
		packet->network = tag + 1;
	}
	return 0;
}

static __always_inline enum lb_outcome packet_parse_ipv4(struct packet *packet)
{
	struct iphdr *ip = packet->ipv4;

	if ((void *)(ip + 1) > packet->end || *(__u8 *)ip < 0x45 || *(__u8 *)ip > 0x4f)
		return LB_MALFORMED;
	packet->is_ipv4 = true;
	packet->protocol = ip->protocol;
	packet->source[0] = 0;
	packet->source[1] = (__u64)ip->saddr << 32 | bpf_htonl(0xffff);
	packet->destination[0] = 0;
	packet->destination[1] = (__u64)ip->daddr << 32 | bpf_htonl(0xffff);
	if (likely(*(__u8 *)ip == 0x45)) {
		packet->transport = ip + 1;
		barrier(); /* a branch: nothing has to wait for the length */
	} else {
		packet->transport = (void *)ip + ip->ihl * 4;
	}
	return 0;
}

static __always_inline enum lb_outcome packet_parse_ipv6(struct packet *packet)
{
	struct ipv6hdr *ip = packet->ipv6;

	if ((void *)(ip + 1) > packet->end || ip->version != 6)
		return LB_MALFORMED;
	packet->is_ipv4 = false;
	packet->protocol = ip->nexthdr;
	__builtin_memcpy(packet->source, &ip->saddr, sizeof(packet->source));
	__builtin_memcpy(packet->destination, &ip->daddr, sizeof(packet->destination));
	packet->transport = ip + 1;
	return 0;
}

static __always_inline enum lb_outcome packet_parse_transport(struct packet *packet)
{
	__u32 ports;

	if (packet->is_ipv4 ? packet->ipv4->frag_off & bpf_htons(IPV4_FRAGMENT)
			    : packet->protocol == IPPROTO_FRAGMENT)
		return LB_FRAGMENT;
	packet->tcp_flags = 0;
	if (packet->protocol == IPPROTO_TCP) {
		if ((void *)(packet->tcp + 1) > packet->end || packet->tcp->doff < 5)
			return LB_MALFORMED;
		packet->tcp_flags = ((__u8 *)packet->tcp)[13];
	} else if (packet->protocol == IPPROTO_UDP) {
		if ((void *)(packet->udp + 1) > packet->end)
			return LB_MALFORMED;
	} else {
		return LB_NOT_TRANSPORT;
	}
	ports = *(__u32 *)packet->transport;
	packet->source_port = ports;
	packet->destination_port = ports >> 16;
	return 0;
}

/* All steps, behind packet_enter(). */
static __always_inline enum lb_outcome packet_parse(struct packet *packet)
{
	__be16 type;
	enum lb_outcome outcome = packet_begin(packet, &type);

	if (!outcome && type == bpf_htons(ETH_P_IP))
		outcome = packet_parse_ipv4(packet);
	else if (!outcome && type == bpf_htons(ETH_P_IPV6))
		outcome = packet_parse_ipv6(packet);
	else if (!outcome)
		outcome = LB_NOT_IP;
	return outcome ? outcome : packet_parse_transport(packet);
}

/* Of the IP packet: header and payload, over all buffers. */
static __always_inline __u32 packet_bytes(const struct packet *packet)
{
	if (packet->is_ipv4)
		return bpf_ntohs(packet->ipv4->tot_len);
	return bpf_ntohs(packet->ipv6->payload_len) + sizeof(*packet->ipv6);
}

/* Does a reply, or a request, begin a flow, as far as the packet alone can tell? */
static __always_inline bool reply_begins_flow(const struct packet *packet)
{
	return packet->protocol == IPPROTO_UDP || packet->tcp_flags & TCP_SYN;
}

static __always_inline bool packet_begins_flow(const struct packet *packet)
{
	return packet->protocol == IPPROTO_UDP ||
	       (packet->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

#endif
