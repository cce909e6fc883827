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
static __always_inline __u16 update_inner_sum(const struct packet *packet,
					      const struct icmp_inner *icmp_inner, __u16 change)
{
	if (icmp_inner->is_tcp) {
		if (!icmp_inner_has(packet, icmp_inner->transport, 18))
			return 0;
		icmp_inner->tcp->check = sum_update(icmp_inner->tcp->check, change);
		return ~change;
	}
	if (!icmp_inner->udp->check)
		return 0;
	icmp_inner->udp->check = sum_update(icmp_inner->udp->check, change);
	if (!icmp_inner->udp->check)
		icmp_inner->udp->check = 0xffff;
	return ~change;
}

/* One endpoint of a quoted packet becomes another. Copies: the verifier need not follow pointers. */
struct inner_rewrite {
	__u64 from[2];
	__u64 to[2];
	__be16 port; /* 0: it stays */
	__u16 outer_delta; /* what checksums gain as an address of the error's own becomes another */
	bool is_source; /* it is the packet's source, or its destination */
};

/* Writes a quoted port; the old one. As a word: which of the two it is, is no matter of its address. */
static __always_inline __be16 rewrite_inner_port(const struct icmp_inner *icmp_inner,
						 const struct inner_rewrite *inner_rewrite)
{
	__u32 *ports = icmp_inner->transport, before = *ports;
	__be16 old = inner_rewrite->is_source ? before : before >> 16;
	__u32 port = inner_rewrite->port ? inner_rewrite->port : old;

	*ports = inner_rewrite->is_source ? (before & 0xffff0000) | port
					  : (before & 0xffff) | port << 16;
	return old;
}

/* Writes the endpoint, and what checksums it is in: the quoted ones and the message's. */
static __always_inline void rewrite_inner(const struct packet *packet,
					  const struct icmp_inner *icmp_inner,
					  const struct inner_rewrite *inner_rewrite)
{
	__u16 delta = endpoint_delta(inner_rewrite->from, 0, inner_rewrite->to, 0);
	__be16 old_port = rewrite_inner_port(icmp_inner, inner_rewrite);
	__u16 port_delta =
		sum_delta(old_port, inner_rewrite->port ? inner_rewrite->port : old_port);
	struct icmp *icmp = packet->transport;
	__u64 change = port_delta;

	change += update_inner_sum(packet, icmp_inner, fold((__u64)delta + port_delta));
	if (packet->is_ipv4) {
		__be32 *address = inner_rewrite->is_source ? &icmp_inner->ipv4->saddr
							   : &icmp_inner->ipv4->daddr;

		*address = inner_rewrite->to[1] >> 32;
		icmp_inner->ipv4->check =
			sum_update(icmp_inner->ipv4->check, delta); /* so they cancel out */
	} else {
		struct in6_addr *address = inner_rewrite->is_source ? &icmp_inner->ipv6->saddr
								    : &icmp_inner->ipv6->daddr;

		__builtin_memcpy(address, inner_rewrite->to, sizeof(*address));
		change += (__u64)delta + inner_rewrite->outer_delta;
	}
	icmp->checksum = sum_update(icmp->checksum, fold(change));
}

static __always_inline void copy_address(__u64 to[2], const __u64 from[2])
{
	to[0] = from[0];
	to[1] = from[1];
}

/* The backend's end; a router's error keeps its address. */
static __always_inline bool inner_rewrite_backend(struct inner_rewrite *inner_rewrite,
						  const struct packet *packet, __u64 action)
{
	struct lb_backend *backend = backend_get(action & 0xffff);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;

	if (!service)
		return false;
	if (action & ACTION_FORWARD) {
		copy_address(inner_rewrite->from, service->address);
		copy_address(inner_rewrite->to, backend->address);
		inner_rewrite->port = backend->port;
	} else {
		copy_address(inner_rewrite->from, backend->address);
		copy_address(inner_rewrite->to, service->address);
		inner_rewrite->port = service->port;
	}
	inner_rewrite->is_source = action & ACTION_FORWARD;
	if (action & ACTION_FORWARD || address_equal(packet->source, inner_rewrite->from))
		inner_rewrite->outer_delta =
			endpoint_delta(inner_rewrite->from, 0, inner_rewrite->to, 0);
	return true;
}

/* Of snat the client's end, whose place stands above the word. */
static __always_inline bool inner_rewrite_client(struct inner_rewrite *inner_rewrite,
						 const struct packet *packet, __u64 action)
{
	const struct lb_snat_entry *port = snat_entry_get(action >> 32);

	if (!port)
		return false;
	if (action & ACTION_FORWARD) {
		copy_address(inner_rewrite->from, port->client);
		copy_address(inner_rewrite->to, snat_address(action >> 32));
		inner_rewrite->port = snat_port(action >> 32);
		inner_rewrite->outer_delta =
			endpoint_delta(packet->source, 0, inner_rewrite->to, 0);
	} else {
		copy_address(inner_rewrite->from, snat_address(action >> 32));
		copy_address(inner_rewrite->to, port->client);
		inner_rewrite->port = port->flow.key >> 16;
		inner_rewrite->outer_delta =
			endpoint_delta(packet->destination, 0, inner_rewrite->to, 0);
	}
	inner_rewrite->is_source = !(action & ACTION_FORWARD);
	return true;
}

/*
 * Translates one end of what an error quotes, by `how`, the word for portless_send(). A
 * function of its own, which reads the packet again; until it is done the address that the
 * error goes to is still the one that the quote tells.
 */
__noinline int icmp_nat_inner(struct xdp_md *ctx, __u64 action, bool is_client)
{
	struct inner_rewrite inner_rewrite = {0};
	struct packet packet;
	struct icmp_inner icmp_inner;

	packet.ctx = ctx;
	if (packet_parse_network(&packet) || !icmp_inner_parse(&packet, &icmp_inner))
		return -1;
	if (is_client ? inner_rewrite_client(&inner_rewrite, &packet, action)
		      : inner_rewrite_backend(&inner_rewrite, &packet, action))
		rewrite_inner(&packet, &icmp_inner, &inner_rewrite);
	return 0;
}

#endif
