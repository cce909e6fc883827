/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Translates what an ICMP error quotes: to what the backend had sent, or, on its way home,
 * to what the client had.
 */
#ifndef BPF_FORWARD_ICMP_NAT_H
#define BPF_FORWARD_ICMP_NAT_H

#include "forward/forward_portless.h"
#include "forward/nat.h"
#include "packet/icmp_inner.h"

/*
 * The quoted transport checksum, if it is quoted, gains what addresses and ports lose.
 * What the message's own sum gains by it.
 */
static __always_inline __u16 update_quoted_sum(const struct packet *packet,
					       const struct quote *quote, __u16 change)
{
	if (quote->is_tcp) {
		if (!quote_has(packet, quote->transport, 18))
			return 0;
		quote->tcp->check = sum_update(quote->tcp->check, change);
		return ~change;
	}
	if (!quote->udp->check)
		return 0;
	quote->udp->check = sum_update(quote->udp->check, change);
	if (!quote->udp->check)
		quote->udp->check = 0xffff;
	return ~change;
}

/* One endpoint of a quoted packet becomes another. Copies: the verifier need not follow pointers. */
struct requoting {
	__u64 from[2];
	__u64 to[2];
	__be16 port; /* 0: it stays */
	__u16 outer_gain; /* what checksums gain as an address of the error's own becomes another */
	bool is_source; /* it is the packet's source, or its destination */
};

/* Writes a quoted port; the old one. As a word: which of the two it is, is no matter of its address. */
static __always_inline __be16 requote_port(const struct quote *quote,
					   const struct requoting *requoting)
{
	__u32 *both = quote->transport, before = *both;
	__be16 old = requoting->is_source ? before : before >> 16;
	__u32 port = requoting->port ? requoting->port : old;

	*both = requoting->is_source ? (before & 0xffff0000) | port
				     : (before & 0xffff) | port << 16;
	return old;
}

/* Writes the endpoint, and what checksums it is in: the quoted ones and the message's. */
static __always_inline void requote(const struct packet *packet, const struct quote *quote,
				    const struct requoting *requoting)
{
	__u16 gain = endpoint_gain(requoting->from, 0, requoting->to, 0);
	__be16 old_port = requote_port(quote, requoting);
	__u16 port_gain = sum_gain(old_port, requoting->port ? requoting->port : old_port);
	struct icmp *icmp = packet->transport;
	__u64 change = port_gain;

	change += update_quoted_sum(packet, quote, fold((__u64)gain + port_gain));
	if (packet->is_ipv4) {
		__be32 *address = requoting->is_source ? &quote->ipv4->saddr : &quote->ipv4->daddr;

		*address = requoting->to[1] >> 32;
		quote->ipv4->check = sum_update(quote->ipv4->check, gain); /* so they cancel out */
	} else {
		struct in6_addr *address =
			requoting->is_source ? &quote->ipv6->saddr : &quote->ipv6->daddr;

		__builtin_memcpy(address, requoting->to, sizeof(*address));
		change += (__u64)gain + requoting->outer_gain;
	}
	icmp->checksum = sum_update(icmp->checksum, fold(change));
}

static __always_inline void put_address(__u64 to[2], const __u64 from[2])
{
	to[0] = from[0];
	to[1] = from[1];
}

/* The backend's end; a router's error keeps its address. */
static __always_inline bool requote_backend(struct requoting *requoting,
					    const struct packet *packet, __u64 how)
{
	struct lb_backend *backend = backend_get(how & 0xffff);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;

	if (!service)
		return false;
	if (how & DELIVERY) {
		put_address(requoting->from, service->address);
		put_address(requoting->to, backend->address);
		requoting->port = backend->port;
	} else {
		put_address(requoting->from, backend->address);
		put_address(requoting->to, service->address);
		requoting->port = service->port;
	}
	requoting->is_source = how & DELIVERY;
	if (how & DELIVERY || address_same(packet->source, requoting->from))
		requoting->outer_gain = endpoint_gain(requoting->from, 0, requoting->to, 0);
	return true;
}

/* Of snat the client's end, whose place stands above the word. */
static __always_inline bool requote_client(struct requoting *requoting, const struct packet *packet,
					   __u64 how)
{
	const struct lb_port *port = port_get(how >> 32);

	if (!port)
		return false;
	if (how & DELIVERY) {
		put_address(requoting->from, port->client);
		put_address(requoting->to, port_address(how >> 32));
		requoting->port = port_number(how >> 32);
		requoting->outer_gain = endpoint_gain(packet->source, 0, requoting->to, 0);
	} else {
		put_address(requoting->from, port_address(how >> 32));
		put_address(requoting->to, port->client);
		requoting->port = port->flow.key >> 16;
		requoting->outer_gain = endpoint_gain(packet->destination, 0, requoting->to, 0);
	}
	requoting->is_source = !(how & DELIVERY);
	return true;
}

/*
 * Translates one end of what an error quotes, by `how`, the word for bare_send(). A
 * function of its own, which reads the packet again; until it is done the address that the
 * error goes to is still the one that the quote tells.
 */
__noinline int translate_quote(struct xdp_md *ctx, __u64 how, bool is_client)
{
	struct requoting requoting = {0};
	struct packet packet;
	struct quote quote;

	packet.ctx = ctx;
	if (packet_parse_network(&packet) || !quote_read(&packet, &quote))
		return -1;
	if (is_client ? requote_client(&requoting, &packet, how)
		      : requote_backend(&requoting, &packet, how))
		requote(&packet, &quote, &requoting);
	return 0;
}

#endif
