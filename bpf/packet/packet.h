/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What came in? The packet's headers, checked and laid out: Ethernet with up to
 * two VLAN tags, IPv4 or IPv6 with a few extension headers, TCP or UDP.
 *
 * Everything that cannot be balanced is named by an outcome and left untouched.
 * Pointers lie within the first buffer of the packet; all of the headers that
 * they point to have been checked against its end.
 */
#ifndef BPF_PACKET_PACKET_H
#define BPF_PACKET_PACKET_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "core/maps.h"
#include "packet/ipv6_ext.h"

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

#define IPV4_FRAGMENT 0x3fff /* more fragments, or an offset */
#define IPV4_OFFSET   0x1fff

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
	__u8 protocol; /* IPPROTO_* */
	__u64 is_tcp; /* else UDP; known to the verifier on each way */
	__u8 tcp_flags; /* 0 for UDP */
	__u32 now; /* the tick of the flows' clock in which it came */
	bool is_fast_path; /* it is on the straight way of most packets: see finish() */

	/* Of a packet that was parsed in steps: */
	__u64 is_portless; /* it has no ports to be read or written; known to the verifier */
	__u16 fragment; /* the bits of IPV4_FRAGMENT, of either IP version; 0 = is none */
	__u16 extension_bytes; /* between the IP header and the transport header */
	__u16 fragment_at; /* byte behind the IPv6 header where its fragment header is */
	enum lb_outcome transport_error; /* why its transport header was not found, or 0 */
};

struct vlan_tag {
	__be16 control;
	__be16 type;
};

static __always_inline bool address_is_ipv4(const __u64 address[2])
{
	return !address[0] && (__u32)address[1] == bpf_htonl(0xffff);
}

static __always_inline bool is_vlan(__be16 type)
{
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD);
}

/* Where it is counted; false is a bug. */
static __always_inline bool packet_init(struct packet *packet, struct xdp_md *ctx)
{
	packet->ctx = ctx;
	packet->is_fast_path = false;
	packet->cpu = map_get(&cpus, bpf_get_smp_processor_id());
	return packet->cpu;
}

/*
 * Tells which of the two it is. The barrier keeps the compiler from looking at the
 * protocol again later: what was checked for it, the verifier would have forgotten.
 */
static __always_inline void set_transport(struct packet *packet, __u64 is_tcp)
{
	barrier_var(is_tcp);
	packet->is_tcp = is_tcp;
	packet->tcp_flags = is_tcp ? ((__u8 *)packet->tcp)[13] : 0;
}

/* A word: the header is declared as packed, and would be read by bytes. */
static __always_inline __be16 ethernet_type(const struct packet *packet)
{
	return *(__be16 *)((void *)packet->ethernet + 2 * ETH_ALEN);
}

static __always_inline void read_ipv4(struct packet *packet)
{
	packet->is_ipv4 = true;
	packet->protocol = packet->ipv4->protocol;
	packet->source[0] = 0;
	packet->source[1] = (__u64)packet->ipv4->saddr << 32 | bpf_htonl(0xffff);
	packet->destination[0] = 0;
	packet->destination[1] = (__u64)packet->ipv4->daddr << 32 | bpf_htonl(0xffff);
}

static __always_inline void read_ipv6(struct packet *packet)
{
	packet->is_ipv4 = false;
	packet->protocol = packet->ipv6->nexthdr;
	__builtin_memcpy(packet->source, &packet->ipv6->saddr, sizeof(packet->source));
	__builtin_memcpy(packet->destination, &packet->ipv6->daddr, sizeof(packet->destination));
}

/* Is it one, as far as the fixed headers tell? */
static __always_inline bool has_fragment_bits(const struct packet *packet)
{
	return packet->is_ipv4 ? packet->ipv4->frag_off & bpf_htons(IPV4_FRAGMENT)
			       : packet->protocol == IPPROTO_FRAGMENT;
}

static __always_inline bool has_whole_tcp_header(const struct packet *packet)
{
	return (void *)(packet->tcp + 1) <= packet->end && packet->tcp->doff >= 5;
}

/* What remains to be known of a packet that may be ours: its ports, and when it came. */
static __always_inline void read_ports(struct packet *packet)
{
	__u32 ports = *(__u32 *)packet->transport;

	packet->now = now() >> LB_TICK_SHIFT;
	packet->source_port = ports;
	packet->destination_port = ports >> 16;
}

/*
 * The common packet: untagged, its headers of fixed length, and long enough for
 * those of TCP. True if it is such an IPv4 or IPv6 packet; its addresses are read.
 */
static __always_inline bool packet_is_plain(struct packet *packet, bool as_ipv4)
{
	packet->end = (void *)(long)packet->ctx->data_end;
	packet->ethernet = (void *)(long)packet->ctx->data;
	packet->network = packet->ethernet + 1;
	packet->transport = as_ipv4 ? (void *)(packet->ipv4 + 1) : (void *)(packet->ipv6 + 1);
	if ((void *)(packet->tcp + 1) > packet->end)
		return false;
	if (as_ipv4) {
		if (ethernet_type(packet) != bpf_htons(ETH_P_IP) || *(__u8 *)packet->ipv4 != 0x45)
			return false;
		read_ipv4(packet);
	} else {
		if (ethernet_type(packet) != bpf_htons(ETH_P_IPV6) || packet->ipv6->version != 6)
			return false;
		read_ipv6(packet);
	}
	return true;
}

/* And has it whole ports, of TCP or UDP? Then they are read. */
static __always_inline bool packet_has_plain_ports(struct packet *packet)
{
	if (has_fragment_bits(packet))
		return false;
	if (packet->protocol == IPPROTO_TCP) {
		if (!has_whole_tcp_header(packet))
			return false;
		set_transport(packet, true);
	} else if (packet->protocol == IPPROTO_UDP) {
		set_transport(packet, false);
	} else {
		return false;
	}
	read_ports(packet);
	return true;
}

/*
 * Any packet, in steps. Each returns 0, or the outcome of a packet that cannot be
 * balanced. The first is Ethernet; it sets *type to the type behind all tags.
 */
static __always_inline enum lb_outcome parse_ethernet(struct packet *packet, __be16 *type)
{
	packet->end = (void *)(long)packet->ctx->data_end;
	packet->ethernet = (void *)(long)packet->ctx->data;
	packet->network = packet->ethernet + 1;
	if (packet->network > packet->end)
		return LB_MALFORMED;
	*type = ethernet_type(packet);
	for (int i = 0; i < 2 && is_vlan(*type); i++) {
		struct vlan_tag *tag = packet->network;

		if ((void *)(tag + 1) > packet->end)
			return LB_MALFORMED;
		*type = tag->type;
		packet->network = tag + 1;
	}
	return 0;
}

/* The IP header; what is behind it may be an IPv6 extension header. */
static __always_inline enum lb_outcome packet_find_network(struct packet *packet)
{
	__be16 type;
	enum lb_outcome outcome = parse_ethernet(packet, &type);

	if (outcome)
		return outcome;
	packet->extension_bytes = packet->fragment = packet->fragment_at = packet->transport_error =
		0;
	if (type == bpf_htons(ETH_P_IP)) {
		if ((void *)(packet->ipv4 + 1) > packet->end || packet->ipv4->version != 4 ||
		    packet->ipv4->ihl < 5)
			return LB_MALFORMED;
		packet->transport = packet->network + packet->ipv4->ihl * 4;
		packet->fragment = bpf_ntohs(packet->ipv4->frag_off) & IPV4_FRAGMENT;
		read_ipv4(packet);
	} else if (type == bpf_htons(ETH_P_IPV6)) {
		if ((void *)(packet->ipv6 + 1) > packet->end || packet->ipv6->version != 6)
			return LB_MALFORMED;
		packet->transport = packet->ipv6 + 1;
		read_ipv6(packet);
	} else {
		return LB_NOT_IP;
	}
	return 0;
}

/* Finds what is behind IPv6 extension headers. */
static __always_inline void skip_extensions(struct packet *packet)
{
	struct extensions found = {
		extensions_walk(packet->ctx, packet->network - (void *)packet->ethernet)};
	__u32 bytes = extensions_bytes(found);

	packet->protocol = extensions_protocol(found);
	packet->transport_error = extensions_outcome(found);
	packet->fragment = extensions_fragment(found);
	packet->fragment_at = extensions_fragment_at(found);
	packet->extension_bytes = bytes;
	barrier_var(bytes); /* masked after this, where the verifier sees it */
	packet->transport += bytes & EXTENSIONS_MASK;
}

static __always_inline enum lb_outcome packet_parse_network(struct packet *packet)
{
	enum lb_outcome outcome = packet_find_network(packet);

	if (!outcome && !packet->is_ipv4 && is_extension(packet->protocol))
		skip_extensions(packet);
	return outcome;
}

/* Is it a fragment behind the first, which has no ports? */
static __always_inline bool packet_is_later_fragment(const struct packet *packet)
{
	return packet->fragment & IPV4_OFFSET;
}

static __always_inline enum lb_outcome packet_parse_transport(struct packet *packet)
{
	packet->is_portless = false;
	if (packet->transport_error)
		return packet->transport_error;
	if (packet_is_later_fragment(packet))
		return LB_FRAGMENT;
	if (packet->protocol == IPPROTO_TCP) {
		if (!has_whole_tcp_header(packet))
			return LB_MALFORMED;
		set_transport(packet, true);
	} else if (packet->protocol == IPPROTO_UDP) {
		if ((void *)(packet->udp + 1) > packet->end)
			return LB_MALFORMED;
		set_transport(packet, false);
	} else {
		return packet->fragment ? LB_FRAGMENT : LB_NOT_TCP_UDP;
	}
	read_ports(packet);
	return 0;
}

/* Both steps. */
static __always_inline enum lb_outcome packet_parse(struct packet *packet)
{
	enum lb_outcome outcome = packet_parse_network(packet);

	return outcome ? outcome : packet_parse_transport(packet);
}

/* The selector of an endpoint that such a packet may be for, or from. */
static __always_inline __u32 packet_selector(const struct packet *packet, __be16 port,
					     enum lb_role role)
{
	return lb_selector(port, packet->protocol, role, packet->is_ipv4);
}

/* The first step, for what has no ports; the second would not succeed. */
static __always_inline enum lb_outcome packet_parse_portless(struct packet *packet)
{
	__u64 yes = true;

	barrier_var(yes);
	packet->is_portless = yes;
	packet->is_tcp = false;
	packet->tcp_flags = 0;
	packet->source_port = packet->destination_port = 0;
	packet->now = now() >> LB_TICK_SHIFT;
	return packet_parse_network(packet);
}

/* Of the IP packet: header and payload, over all buffers. */
static __always_inline __u32 packet_bytes(const struct packet *packet)
{
	if (packet->is_ipv4)
		return bpf_ntohs(packet->ipv4->tot_len);
	return bpf_ntohs(packet->ipv6->payload_len) + sizeof(*packet->ipv6);
}

/* What is behind the headers of TCP; those of IPv4 may have options. Below 0 if it contradicts. */
static __always_inline __s32 packet_payload_bytes(const struct packet *packet)
{
	__u32 headers = packet->transport - packet->network;

	return packet_bytes(packet) - headers - packet->tcp->doff * 4;
}

/* Is there anything? UDP's headers count as some. */
static __always_inline bool packet_has_payload(const struct packet *packet)
{
	return !packet->is_tcp || packet_payload_bytes(packet) > 0;
}

/* Does a reply, or a request, begin a flow, as far as the packet alone can tell? */
static __always_inline bool reply_begins_flow(const struct packet *packet)
{
	return !packet->is_tcp || packet->tcp_flags & TCP_SYN;
}

static __always_inline bool request_begins_flow(const struct packet *packet)
{
	return !packet->is_tcp ||
	       (packet->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

#endif
