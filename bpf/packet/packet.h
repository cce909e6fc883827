/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packet parser: Ethernet with up to two VLAN tags, IPv4 or IPv6 with a few extension headers, TCP
 * or UDP. It does not modify packets. If a packet cannot be balanced, its outcome gives the reason.
 *
 * The result has two parts. struct packet has values and offsets; global functions take it by
 * pointer. struct headers has pointers into the packet, which cannot be passed to such a function;
 * headers_find() derives them again.
 *
 * A common packet is parsed in two steps, so that foreign packets need only the first one. Any
 * other packet is parsed once, by packet_parse().
 */
#ifndef BPF_PACKET_PACKET_H
#define BPF_PACKET_PACKET_H

#include "core/endpoints.h"
#include "core/maps.h"
#include "packet/headers.h"
#include "packet/ipv6_ext.h"

#define TRANSPORT_MASK 0x1ff /* 22 bytes of Ethernet, 40 of IPv6, 256 of extension headers */

_Static_assert(ETH_HLEN + 8 + sizeof(struct ipv6hdr) + EXTENSIONS_BYTES <= TRANSPORT_MASK,
	       "an offset fits");

struct packet {
	__u64 source[2];
	__u64 destination[2];
	__be16 source_port; /* 0 without ports */
	__be16 destination_port;
	__u32 now; /* tick of arrival */
	__u32 sequence; /* TCP: of the byte after the payload */
	__u32 acknowledged; /* TCP */
	__u32 fragment_id; /* common to the fragments of a packet */
	__u16 fragment; /* bits of IPV4_FRAGMENT, for both IP versions; 0 = no fragment */
	__u16 network; /* offset of the IP header */
	__u16 transport; /* offset of the header after IP and extension headers */
	__u8 protocol; /* IPPROTO_* */
	__u8 tcp_flags; /* 0 for UDP */
	__u8 error; /* enum lb_outcome: why the packet has no ports; 0 = it has */
	bool is_ipv4;
	bool is_tcp; /* else UDP, if it has ports */
	bool has_payload; /* of TCP; true for UDP */
};

_Static_assert(sizeof(struct packet) == 64, "no padding: Linux 6.1 wants all of it written");

static __always_inline void read_ipv4(struct packet *packet, const struct headers *headers)
{
	packet->is_ipv4 = true;
	packet->protocol = headers->ipv4->protocol;
	address_set_ipv4(packet->source, headers->ipv4->saddr);
	address_set_ipv4(packet->destination, headers->ipv4->daddr);
}

static __always_inline void read_ipv6(struct packet *packet, const struct headers *headers)
{
	packet->is_ipv4 = false;
	packet->protocol = headers->ipv6->nexthdr;
	address_copy(packet->source, &headers->ipv6->saddr);
	address_copy(packet->destination, &headers->ipv6->daddr);
}

/* Reads the ports of a TCP or UDP packet, and the TCP header. */
static __always_inline void read_transport(struct packet *packet, struct headers *headers,
					   bool is_tcp)
{
	__u32 ports = *(__u32 *)headers->transport;

	headers->has_ports = true;
	headers->is_tcp = known(is_tcp);
	packet->is_tcp = is_tcp;
	packet->source_port = ports;
	packet->destination_port = ports >> 16;
	packet->has_payload = true;
	if (is_tcp) {
		__s32 payload = tcp_payload_bytes(headers);

		packet->tcp_flags = tcp_flags(headers->tcp);
		packet->sequence = bpf_ntohl(headers->tcp->seq) + payload;
		packet->acknowledged = bpf_ntohl(headers->tcp->ack_seq);
		packet->has_payload = payload > 0;
	}
}

/* --- common packets -------------------------------------------------------------------------- */

/*
 * Finds the headers of a common packet: without VLAN tags, IP options and extension headers. False
 * if the packet is too short for a TCP header.
 */
static __always_inline bool plain_find(struct headers *headers, bool is_ipv4)
{
	headers->end = (void *)(long)headers->ctx->data_end;
	headers->ethernet = (void *)(long)headers->ctx->data;
	headers->network = headers->ethernet + 1;
	headers->transport = is_ipv4 ? (void *)(headers->ipv4 + 1) : (void *)(headers->ipv6 + 1);
	headers->is_ipv4 = is_ipv4;
	return (void *)(headers->tcp + 1) <= headers->end;
}

static __always_inline void plain_read_addresses(struct packet *packet,
						 const struct headers *headers, bool is_ipv4)
{
	if (is_ipv4)
		read_ipv4(packet, headers);
	else
		read_ipv6(packet, headers);
}

/* True if it is a common packet of this IP version; its addresses are read then. */
static __always_inline bool packet_is_plain(struct packet *packet, struct headers *headers,
					    bool is_ipv4)
{
	__be16 type = is_ipv4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);

	if (!plain_find(headers, is_ipv4) || ethernet_type(headers->ethernet) != type)
		return false;
	if (is_ipv4 ? *(__u8 *)headers->ipv4 != 0x45 : headers->ipv6->version != 6)
		return false;
	plain_read_addresses(packet, headers, is_ipv4);
	return true;
}

static __always_inline bool plain_is_fragment(const struct packet *packet,
					      const struct headers *headers)
{
	return packet->is_ipv4 ? headers->ipv4->frag_off & bpf_htons(IPV4_FRAGMENT)
			       : packet->protocol == IPPROTO_FRAGMENT;
}

/* True if a common packet has the ports of TCP or UDP; they are read then. */
static __always_inline bool packet_has_plain_ports(struct packet *packet, struct headers *headers)
{
	if (plain_is_fragment(packet, headers))
		return false;
	if (packet->protocol == IPPROTO_TCP && tcp_is_whole(headers))
		read_transport(packet, headers, true);
	else if (packet->protocol == IPPROTO_UDP)
		read_transport(packet, headers, false);
	else
		return false;
	packet->now = current_tick();
	return true;
}

/* --- any packet ------------------------------------------------------------------------------ */

/* The id in the fragment header at an offset from the IPv6 header's end; 0 if it is truncated. */
static __always_inline __u32 ipv6_fragment_id(const struct headers *headers, __u32 offset)
{
	const struct extension *extension;

	barrier_var(offset);
	extension = (void *)(headers->ipv6 + 1) + (offset & EXTENSIONS_MASK);
	return (void *)(extension + 1) > headers->end ? 0 : extension->id;
}

/* Skips IPv6 extension headers. */
static __always_inline void skip_extensions(struct packet *packet, struct headers *headers)
{
	struct extensions found = {extensions_walk(headers->ctx, ethernet_bytes(headers))};
	__u32 bytes = extensions_bytes(found);

	packet->protocol = extensions_protocol(found);
	packet->error = extensions_outcome(found);
	packet->fragment = extensions_fragment(found);
	if (packet->fragment)
		packet->fragment_id = ipv6_fragment_id(headers, extensions_fragment_at(found));
	barrier_var(bytes); /* the verifier has to see the mask */
	headers->transport += bytes & EXTENSIONS_MASK;
}

/* Finds IP and transport header. Returns 0, or the outcome of a packet without an IP header. */
static __always_inline enum lb_outcome parse_network(struct packet *packet, struct headers *headers)
{
	__be16 type;

	if (!ethernet_parse(headers, &type))
		return LB_MALFORMED;
	if (type == bpf_htons(ETH_P_IP)) {
		if ((void *)(headers->ipv4 + 1) > headers->end || headers->ipv4->version != 4 ||
		    headers->ipv4->ihl < 5)
			return LB_MALFORMED;
		headers->is_ipv4 = known(true);
		headers->transport = headers->network + headers->ipv4->ihl * 4;
		packet->fragment = bpf_ntohs(headers->ipv4->frag_off) & IPV4_FRAGMENT;
		packet->fragment_id = headers->ipv4->id;
		read_ipv4(packet, headers);
	} else if (type == bpf_htons(ETH_P_IPV6)) {
		if ((void *)(headers->ipv6 + 1) > headers->end || headers->ipv6->version != 6)
			return LB_MALFORMED;
		headers->is_ipv4 = known(false);
		headers->transport = headers->ipv6 + 1;
		read_ipv6(packet, headers);
		if (is_extension(packet->protocol))
			skip_extensions(packet, headers);
	} else {
		return LB_NOT_IP;
	}
	return 0;
}

/* True for a fragment other than the first; it has no ports. */
static __always_inline bool packet_is_later_fragment(const struct packet *packet)
{
	return packet->fragment & IPV4_OFFSET;
}

/* Reads the transport header. Returns 0, or the outcome of a packet without ports. */
static __always_inline enum lb_outcome parse_transport(struct packet *packet,
						       struct headers *headers)
{
	if (packet_is_later_fragment(packet))
		return headers->transport > headers->end ? LB_MALFORMED : LB_FRAGMENT;
	if (packet->protocol == IPPROTO_TCP) {
		if (!tcp_is_whole(headers))
			return LB_MALFORMED;
		read_transport(packet, headers, true);
	} else if (packet->protocol == IPPROTO_UDP) {
		if ((void *)(headers->udp + 1) > headers->end)
			return LB_MALFORMED;
		read_transport(packet, headers, false);
	} else {
		return packet->fragment ? LB_FRAGMENT : LB_NOT_TCP_UDP;
	}
	return 0;
}

/* True if neither address is that of a service or backend. */
static __always_inline bool packet_is_foreign(const struct packet *packet)
{
	return !filter_may_match(packet->destination, LB_ROLE_SERVICE) &&
	       !filter_may_match(packet->source, LB_ROLE_BACKEND);
}

static __always_inline bool packet_is_icmp(const struct packet *packet)
{
	return packet->protocol == (packet->is_ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
}

/*
 * Parses any packet. Returns 0, or the outcome of a packet that is passed to the stack, because it
 * has no whole IP header or is foreign. The latter is checked with `may_be_foreign`, except for
 * ICMP, which may be about a packet to a backend. A packet without ports has packet->error. Global
 * function: verified once.
 */
__noinline __u32 packet_parse(struct xdp_md *ctx, struct packet *packet, bool may_be_foreign)
{
	struct headers headers = {.ctx = ctx};
	enum lb_outcome outcome;

	if (!packet)
		return LB_ABORTED;
	outcome = parse_network(packet, &headers);
	if (outcome)
		return outcome;
	if (may_be_foreign && packet_is_foreign(packet) && !packet_is_icmp(packet))
		return LB_PASSED;
	packet->now = current_tick();
	packet->network = ethernet_bytes(&headers);
	packet->transport = headers.transport - (void *)headers.ethernet;
	if (!packet->error)
		packet->error = parse_transport(packet, &headers);
	return 0;
}

static __always_inline bool find_ip(struct headers *headers, const struct packet *packet)
{
	if (packet->is_ipv4) {
		headers->is_ipv4 = known(true);
		return (void *)(headers->ipv4 + 1) <= headers->end;
	}
	headers->is_ipv4 = known(false);
	return (void *)(headers->ipv6 + 1) <= headers->end;
}

static __always_inline bool find_transport(struct headers *headers, const struct packet *packet)
{
	if (packet->error) {
		headers->is_tcp = headers->has_ports = known(false);
		return true;
	}
	headers->has_ports = known(true);
	if (packet->is_tcp) {
		headers->is_tcp = known(true);
		return (void *)(headers->tcp + 1) <= headers->end;
	}
	headers->is_tcp = known(false);
	return (void *)(headers->udp + 1) <= headers->end;
}

/* Finds the headers of a packet that packet_parse() has parsed. False only in case of a bug. */
static __always_inline bool headers_find(struct headers *headers, struct xdp_md *ctx,
					 const struct packet *packet)
{
	void *data = (void *)(long)ctx->data;

	headers->ctx = ctx;
	headers->end = (void *)(long)ctx->data_end;
	headers->ethernet = data;
	headers->network = data + (packet->network & ETHERNET_MASK);
	headers->transport = data + (packet->transport & TRANSPORT_MASK);
	return (void *)(headers->ethernet + 1) <= headers->end && find_ip(headers, packet) &&
	       find_transport(headers, packet);
}

/* The selector of the packet's endpoint in this role. */
static __always_inline __u32 packet_selector(const struct packet *packet, __be16 port,
					     enum lb_role role)
{
	return lb_selector(port, packet->protocol, role, packet->is_ipv4);
}

/* True if a backend's packet may begin a flow: of TCP, only a SYN, with or without ACK. */
static __always_inline bool reply_begins_flow(const struct packet *packet)
{
	return !packet->is_tcp || packet->tcp_flags & TCP_SYN;
}

/* Likewise for a client's packet: of TCP, only a SYN without ACK, RST and FIN. */
static __always_inline bool request_begins_flow(const struct packet *packet)
{
	return !packet->is_tcp ||
	       (packet->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
}

#endif
