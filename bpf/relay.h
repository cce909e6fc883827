/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ICMP errors about flows of ours: "too big", without which a path's MTU is not found,
 * "unreachable", "time exceeded". They reach the address that the packet they quote was
 * sent from, but it was not sent as they quote it.
 *
 * One that comes to a service's address is about a packet of a backend, and goes to the
 * backend that has the flow: as the memory says, or as the hash says where flows are
 * not all remembered. To a translated backend (nat) the quote is translated back. One
 * that comes to a client, quoting a backend's address, is translated the other way,
 * whoever sent it. Of other flows we know nothing: the kernel may.
 */
#ifndef LB_BPF_RELAY_H
#define LB_BPF_RELAY_H

#include "bare.h"
#include "choose.h"
#include "crowd.h"
#include "quote.h"
#include "reply.h"
#include "request.h"

/* An error about a packet of no endpoint of ours. */
static __always_inline int leave_unquoted(const struct packet *packet)
{
	bool is_near = filter_has(packet->destination, LB_ROLE_SERVICE) ||
		       filter_has(packet->source, LB_ROLE_BACKEND);

	return leave(packet, is_near ? LB_NOT_TRANSPORT : LB_PASSED, XDP_PASS);
}

/* To the backend that sent a service's client the packet. */
static __always_inline __u32 relay_inwards(const struct packet *packet, const struct quote *quote,
					   __u32 service)
{
	const struct lb_service *record = service_get(service);
	struct target target = {0};
	struct flow_visit visit;
	struct asker client;
	struct lb_bucket *bucket =
		flow_visit(&visit, packet, quote->destination, quote->destination_port);

	client = asker_of(packet, quote->destination, visit.hash);
	if (record && !record->port) /* on all of them */
		visit.client = lb_flow_key_at(visit.client, quote->source_port);
	if (flow_find(&visit, bucket, service))
		target = find_again(&visit);
	else if (crowd_has_strangers(packet) || service_goes_by_hash(service))
		target = choose(service, &client, false);
	if (!target.backend || target.forward == LB_FORWARD_SNAT)
		return leave(packet, LB_ERROR_UNKNOWN, XDP_PASS);
	return delivery(&target, LB_ERROR_RELAYED, false);
}

/* To the client that sent the packet to a service's backend; the entry is the backend's. */
static __always_inline __u32 relay_homewards(const struct packet *packet, const struct quote *quote,
					     const struct lb_directory_entry *entry)
{
	const struct lb_backend *backend = backend_get(entry->id);
	struct flow_visit visit;
	struct asker client;
	__u32 id;

	flow_visit(&visit, packet, packet->destination, quote->source_port);
	if (backend && !backend->port) /* of services on all ports */
		visit.client = lb_flow_key_at(visit.client, quote->destination_port);
	id = find_asked(&visit, entry->id, entry->next, false);
	client = asker_of(packet, packet->destination, visit.hash);
	if (!id)
		id = find_unremembered(entry->id, entry->next, &client,
				       crowd_has_strangers(packet));
	if (!id)
		return leave(packet, LB_ERROR_UNKNOWN, XDP_PASS);
	return homeward(id, LB_ERROR_RELAYED);
}

/* Whom an error is for: the word for bare_send(), or a verdict. */
__noinline __u32 find_concerned(struct xdp_md *ctx)
{
	struct lb_directory_entry *entry;
	struct packet packet;
	struct quote quote;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse_bare(&packet))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	if (!quote_read(&packet, &quote))
		return leave_unquoted(&packet);
	entry = endpoint_find(packet.destination, lb_selector(quote.source_port, quote.protocol,
							      LB_ROLE_SERVICE, packet.is_ipv4));
	if (entry)
		return relay_inwards(&packet, &quote, entry->id);
	if (directory_find(packet.destination,
			   lb_selector(0, 0, LB_ROLE_SOURCE, packet.is_ipv4))) /* of snat */
		return leave(&packet, LB_ERROR_UNKNOWN, XDP_PASS);
	entry = endpoint_find(quote.destination, lb_selector(quote.destination_port, quote.protocol,
							     LB_ROLE_BACKEND, packet.is_ipv4));
	if (entry)
		return relay_homewards(&packet, &quote, entry);
	return leave_unquoted(&packet);
}

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

/* One endpoint of a quoted packet becomes another. */
struct requoting {
	const __u64 *from;
	const __u64 *to;
	__be16 port; /* 0: it stays */
	bool is_source; /* it is the packet's source, or its destination */
	bool is_readdressed; /* the error itself will change its address likewise */
};

/* Writes the endpoint, and what checksums it is in: the quoted ones and the message's. */
static __always_inline void requote(const struct packet *packet, const struct quote *quote,
				    const struct requoting *requoting)
{
	__u16 gain = endpoint_gain(requoting->from, 0, requoting->to, 0);
	__be16 *port = requoting->is_source ? &quote->udp->source : &quote->udp->dest;
	__be16 new_port = requoting->port ? requoting->port : *port;
	__u16 port_gain = sum_gain(*port, new_port);
	struct icmp *icmp = packet->transport;
	__u64 change = port_gain;

	*port = new_port;
	change += update_quoted_sum(packet, quote, fold((__u64)gain + port_gain));
	if (packet->is_ipv4) {
		__be32 *address = requoting->is_source ? &quote->ipv4->saddr : &quote->ipv4->daddr;

		*address = requoting->to[1] >> 32;
		quote->ipv4->check = sum_update(quote->ipv4->check, gain); /* so they cancel out */
	} else {
		struct in6_addr *address =
			requoting->is_source ? &quote->ipv6->saddr : &quote->ipv6->daddr;

		__builtin_memcpy(address, requoting->to, sizeof(*address));
		change += gain + (requoting->is_readdressed ? gain : 0);
	}
	icmp->checksum = sum_update(icmp->checksum, fold(change));
}

/*
 * Translates what an error quotes: to what the backend had sent, or, on its way home, to
 * what the client had. A function of its own, which reads the packet again.
 */
__noinline int translate_quote(struct xdp_md *ctx, __u32 id, bool is_homeward)
{
	struct lb_backend *backend = backend_get(id);
	struct lb_service *service = backend ? service_get(backend->service) : NULL;
	struct requoting requoting;
	struct packet packet;
	struct quote quote;

	packet.ctx = ctx;
	if (!service || packet_parse_network(&packet) || !quote_read(&packet, &quote))
		return -1;
	requoting.from = is_homeward ? backend->address : service->address;
	requoting.to = is_homeward ? service->address : backend->address;
	requoting.port = is_homeward ? service->port : backend->port;
	requoting.is_source = !is_homeward;
	requoting.is_readdressed = !is_homeward || address_same(packet.source, backend->address);
	requote(&packet, &quote, &requoting);
	return 0;
}

__noinline int relay(struct xdp_md *ctx)
{
	__u32 next = find_concerned(ctx);

	if (!(next & (DELIVERY | HOMEWARD)))
		return next;
	if (!(next & DELIVERY) || delivery_forward(next) == LB_FORWARD_NAT)
		translate_quote(ctx, next & 0xffff, !(next & DELIVERY));
	return bare_send(ctx, next);
}

#endif
