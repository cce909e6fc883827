/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NAT of the inner packet of an ICMP error: restores the packet as the sender, backend or client,
 * sent it.
 */
#ifndef BPF_FORWARD_ICMP_NAT_H
#define BPF_FORWARD_ICMP_NAT_H

#include "core/action.h"
#include "flow/snat_ports.h"
#include "forward/checksum.h"
#include "packet/icmp_inner.h"

/*
 * Updates the inner transport checksum, if the inner packet contains it, by the delta of addresses
 * and ports. Returns the resulting delta of the ICMP checksum.
 */
static __always_inline __u16 update_inner_sum(const struct headers *headers,
					      const struct icmp_inner *inner, __u16 delta)
{
	if (inner->is_tcp) {
		if (!icmp_inner_has(headers, inner->transport, 18))
			return 0;
		inner->tcp->check = sum_update(inner->tcp->check, delta);
		return ~delta;
	}
	if (!inner->udp->check)
		return 0;
	inner->udp->check = sum_update(inner->udp->check, delta);
	if (!inner->udp->check)
		inner->udp->check = 0xffff;
	return ~delta;
}

/* Translation of one endpoint of an inner packet. Addresses are copies, because of the verifier. */
struct inner_rewrite {
	__u64 from[2];
	__u64 to[2];
	__be16 port; /* 0: unchanged */
	__u16 outer_delta; /* of an address of the error's own IP header that is replaced too */
	bool is_source; /* the inner packet's source, else its destination */
};

/* Writes an inner port and returns the old one. As a word, so that the address is constant. */
static __always_inline __be16 rewrite_inner_port(const struct icmp_inner *inner,
						 const struct inner_rewrite *rewrite)
{
	__u32 *ports = inner->transport, before = *ports;
	__be16 old = rewrite->is_source ? before : before >> 16;
	__u32 port = rewrite->port ? rewrite->port : old;

	*ports = rewrite->is_source ? (before & 0xffff0000) | port : (before & 0xffff) | port << 16;
	return old;
}

/* Translates the endpoint, and updates all checksums that cover it. */
static __always_inline void rewrite_inner(const struct headers *headers,
					  const struct icmp_inner *inner,
					  const struct inner_rewrite *rewrite)
{
	__u16 delta = endpoint_delta(rewrite->from, 0, rewrite->to, 0);
	__be16 old_port = rewrite_inner_port(inner, rewrite);
	__u16 port_delta = sum_delta(old_port, rewrite->port ? rewrite->port : old_port);
	struct icmp *icmp = headers->transport;
	__u64 change = port_delta;

	change += update_inner_sum(headers, inner, fold((__u64)delta + port_delta));
	if (headers->is_ipv4) {
		__be32 *address = rewrite->is_source ? &inner->ipv4->saddr : &inner->ipv4->daddr;

		*address = address_ipv4(rewrite->to);
		/* In the ICMP checksum both changes cancel each other out. */
		inner->ipv4->check = sum_update(inner->ipv4->check, delta);
	} else {
		struct in6_addr *address =
			rewrite->is_source ? &inner->ipv6->saddr : &inner->ipv6->daddr;

		address_copy(address, rewrite->to);
		change += (__u64)delta + rewrite->outer_delta;
	}
	icmp->checksum = sum_update(icmp->checksum, fold(change));
}

/* Which end of the inner packet is translated. */
enum inner_end {
	INNER_BACKEND, /* VIP <-> backend */
	INNER_CLIENT, /* client <-> SNAT source; only in snat mode */
};

/* The backend's end. A router's error keeps its source. False only in case of a bug. */
static __always_inline bool translate_backend(struct inner_rewrite *rewrite,
					      const struct packet *packet, struct action action)
{
	struct lb_backend *backend = backend_get(action_id(action));
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	bool is_forward = action_is(action, ACTION_FORWARD);

	if (!service)
		return false;
	address_copy(rewrite->from, is_forward ? service->address : backend->address);
	address_copy(rewrite->to, is_forward ? backend->address : service->address);
	rewrite->port = is_forward ? backend->port : service->port;
	rewrite->is_source = is_forward;
	if (is_forward || address_equal(packet->source, rewrite->from))
		rewrite->outer_delta = endpoint_delta(rewrite->from, 0, rewrite->to, 0);
	return true;
}

/* The client's end, in snat mode. False only in case of a bug. */
static __always_inline bool translate_client(struct inner_rewrite *rewrite,
					     const struct packet *packet, struct action action)
{
	__u32 index = action_index(action);
	const struct lb_snat_entry *port = snat_entry_get(index);
	bool is_forward = action_is(action, ACTION_FORWARD);

	if (!port)
		return false;
	if (is_forward) {
		address_copy(rewrite->from, port->client);
		address_copy(rewrite->to, snat_address(index));
		rewrite->port = snat_port(index);
		rewrite->outer_delta = endpoint_delta(packet->source, 0, rewrite->to, 0);
	} else {
		address_copy(rewrite->from, snat_address(index));
		address_copy(rewrite->to, port->client);
		rewrite->port = port->flow.key >> 16;
		rewrite->outer_delta = endpoint_delta(packet->destination, 0, rewrite->to, 0);
	}
	rewrite->is_source = !is_forward;
	return true;
}

/*
 * Translates one end of the inner packet of an ICMP error, by the action that will forward or
 * return the error. Returns 0, or -1 in case of a bug. Global function, for a stack frame of its
 * own.
 */
__noinline int icmp_nat_inner(struct xdp_md *ctx, const struct packet *packet, __u64 word,
			      enum inner_end end)
{
	struct inner_rewrite rewrite = {0};
	struct action action = {word};
	struct headers headers;
	struct icmp_inner inner;

	if (!packet || !headers_find(&headers, ctx, packet) ||
	    !icmp_inner_parse(packet, &headers, &inner))
		return -1;
	if (end == INNER_CLIENT ? translate_client(&rewrite, packet, action)
				: translate_backend(&rewrite, packet, action))
		rewrite_inner(&headers, &inner, &rewrite);
	return 0;
}

#endif
