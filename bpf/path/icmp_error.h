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
#ifndef BPF_PATH_ICMP_ERROR_H
#define BPF_PATH_ICMP_ERROR_H

#include "flow/pressure.h"
#include "forward/forward_portless.h"
#include "forward/icmp_nat.h"
#include "packet/icmp_inner.h"
#include "path/reply.h"
#include "path/request.h"
#include "path/snat.h"
#include "select/select.h"

/* An error about a packet of no endpoint of ours. */
static __always_inline int leave_unquoted(const struct packet *packet)
{
	bool is_near = filter_has(packet->destination, LB_ROLE_SERVICE) ||
		       filter_has(packet->source, LB_ROLE_BACKEND);

	return leave(packet, is_near ? LB_NOT_TRANSPORT : LB_PASSED, XDP_PASS);
}

/*
 * To the backend that sent a service's client the packet; ELSEWHERE if the flow memory does not
 * know it and snat may (`is_translated`).
 */
static __always_inline __u32 relay_inwards(const struct packet *packet, const struct quote *quote,
					   __u32 service, bool is_translated)
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
	else if (is_translated && record && record->source_count)
		return ELSEWHERE;
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
	struct flow_visit visit;
	struct asker client;
	__u32 id;

	flow_visit(&visit, packet, packet->destination, quote->source_port);
	client = asker_of(packet, packet->destination, visit.hash);
	id = find_partner(&visit, &client, quote->destination,
			  lb_selector(quote->destination_port, quote->protocol, LB_ROLE_BACKEND,
				      packet->is_ipv4),
			  (struct sharers){entry->id, entry->next}, false,
			  crowd_has_strangers(packet));
	if (!id)
		return leave(packet, LB_ERROR_UNKNOWN, XDP_PASS);
	return homeward(id, LB_ERROR_RELAYED);
}

static __always_inline struct lb_directory_entry *find_quoted_service(const struct packet *packet,
								      const struct quote *quote)
{
	return endpoint_find(packet->destination, lb_selector(quote->source_port, quote->protocol,
							      LB_ROLE_SERVICE, packet->is_ipv4));
}

/* Is it for one of the addresses that snat speaks from? */
static __always_inline struct lb_directory_entry *find_source(const struct packet *packet)
{
	return directory_find(packet->destination,
			      lb_selector(0, 0, LB_ROLE_SOURCE, packet->is_ipv4));
}

/*
 * Whom an error is for: the word for bare_send(), or a verdict, or ELSEWHERE, as
 * note_request().
 */
__noinline __u32 find_concerned(struct xdp_md *ctx, bool is_translated)
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
	entry = find_quoted_service(&packet, &quote);
	if (entry)
		return relay_inwards(&packet, &quote, entry->id, is_translated);
	if (find_source(&packet))
		return ELSEWHERE;
	entry = endpoint_find(quote.destination, lb_selector(quote.destination_port, quote.protocol,
							     LB_ROLE_BACKEND, packet.is_ipv4));
	if (entry)
		return relay_homewards(&packet, &quote, entry);
	return leave_unquoted(&packet);
}

/* To the client of the flow that speaks from the quoted source, an endpoint of ours. */
static __always_inline __u64 relay_to_client(const struct packet *packet, const struct quote *quote,
					     __u32 source)
{
	__u32 place = source * LB_PORTS + bpf_ntohs(quote->source_port);
	struct lb_port *port = port_get(place);
	struct lb_flow flow;

	if (!port)
		return leave(packet, LB_ERROR_UNKNOWN, XDP_PASS);
	flow.key = *(volatile __u64 *)&port->flow.key;
	flow.data = *(volatile __u64 *)&port->flow.data;
	if (!is_partner(quote->destination, quote->destination_port, quote->protocol, &flow))
		return leave(packet, LB_ERROR_UNKNOWN, XDP_PASS);
	return homeward(lb_flow_backend(flow.data), LB_ERROR_RELAYED) | (__u64)place << 32;
}

/* The same of flows of snat, by their places; a function of its own. */
__noinline __u64 find_translated(struct xdp_md *ctx)
{
	struct target target = {.forward = LB_FORWARD_SNAT};
	struct lb_directory_entry *entry;
	struct port_visit visit;
	struct packet packet;
	struct quote quote;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse_bare(&packet) || !quote_read(&packet, &quote))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	entry = find_source(&packet);
	if (entry)
		return relay_to_client(&packet, &quote, entry->id);
	entry = find_quoted_service(&packet, &quote);
	if (!entry)
		return leave(&packet, LB_ERROR_UNKNOWN, XDP_PASS);
	port_visit(&visit, &packet, quote.destination, quote.destination_port, quote.source_port,
		   entry->id);
	port_look(&visit);
	if (!visit.place)
		return ELSEWHERE;
	target.id = lb_flow_backend(visit.data);
	target.backend = backend_get(target.id);
	if (!target.backend || target.backend->flags & LB_BACKEND_MAINT)
		return leave(&packet, LB_ERROR_UNKNOWN, XDP_PASS);
	return delivery(&target, LB_ERROR_RELAYED, false) | (__u64)visit.place << 32;
}

/* Of snat both ends are translated; whose address the error goes to has to be the last. */
static __always_inline void translate(struct xdp_md *ctx, __u64 how)
{
	if (how >> 32 && how & DELIVERY)
		translate_quote(ctx, how, true);
	if (!(how & DELIVERY) || !is_one_way(delivery_forward(how)))
		translate_quote(ctx, how, false);
	if (how >> 32 && !(how & DELIVERY))
		translate_quote(ctx, how, true);
}

__noinline int relay(struct xdp_md *ctx)
{
	__u64 next = find_concerned(ctx, true);

	if (next & ELSEWHERE)
		next = find_translated(ctx);
	if (next & ELSEWHERE)
		next = find_concerned(ctx, false);
	if (!(next & (DELIVERY | HOMEWARD)))
		return next;
	translate(ctx, next);
	return bare_send(ctx, next);
}

#endif
