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
static __always_inline int finish_unrelated(const struct packet *packet)
{
	bool is_endpoint = filter_may_match(packet->destination, LB_ROLE_SERVICE) ||
			   filter_may_match(packet->source, LB_ROLE_BACKEND);

	return finish(packet, is_endpoint ? LB_NOT_TCP_UDP : LB_PASSED, XDP_PASS);
}

/*
 * To the backend that sent a service's client the packet; ELSEWHERE if the flow memory does not
 * know it and snat may (`try_snat`).
 */
static __always_inline __u32 relay_to_backend(const struct packet *packet,
					      const struct icmp_inner *icmp_inner, __u32 service,
					      bool try_snat)
{
	const struct lb_service *record = service_get(service);
	struct target target = {0};
	struct flow_lookup lookup;
	struct select_key client;
	struct lb_bucket *bucket =
		flow_lookup(&lookup, packet, icmp_inner->destination, icmp_inner->destination_port);

	client = select_key_of(packet, icmp_inner->destination, lookup.hash);
	if (record && !record->port) /* on all of them */
		lookup.client = lb_flow_key_add_port(lookup.client, icmp_inner->source_port);
	if (flow_find(&lookup, bucket, service))
		target = flow_backend(&lookup);
	else if (try_snat && record && record->snat_count)
		return ACTION_TRY_NEXT;
	else if (pressure_has_untracked(packet) || service_picks_by_hash(service))
		target = select_target(service, &client, false);
	if (!target.backend || target.forward == LB_FORWARD_SNAT)
		return finish(packet, LB_ICMP_ERROR_UNKNOWN, XDP_PASS);
	return forward_action(&target, LB_ICMP_ERROR_RELAYED, false);
}

/* To the client that sent the packet to a service's backend; the entry is the backend's. */
static __always_inline __u32 relay_to_client(const struct packet *packet,
					     const struct icmp_inner *icmp_inner,
					     const struct lb_endpoint_entry *entry)
{
	struct flow_lookup lookup;
	struct select_key client;
	__u32 id;

	flow_lookup(&lookup, packet, packet->destination, icmp_inner->source_port);
	client = select_key_of(packet, packet->destination, lookup.hash);
	id = find_reply_backend(&lookup, &client, icmp_inner->destination,
				lb_selector(icmp_inner->destination_port, icmp_inner->protocol,
					    LB_ROLE_BACKEND, packet->is_ipv4),
				(struct endpoint_chain){entry->id, entry->next}, false,
				pressure_has_untracked(packet));
	if (!id)
		return finish(packet, LB_ICMP_ERROR_UNKNOWN, XDP_PASS);
	return return_action(id, LB_ICMP_ERROR_RELAYED);
}

static __always_inline struct lb_endpoint_entry *find_inner_service(
	const struct packet *packet, const struct icmp_inner *icmp_inner)
{
	return endpoint_lookup(packet->destination,
			       lb_selector(icmp_inner->source_port, icmp_inner->protocol,
					   LB_ROLE_SERVICE, packet->is_ipv4));
}

/* Is it for one of the addresses that snat speaks from? */
static __always_inline struct lb_endpoint_entry *find_snat_source(const struct packet *packet)
{
	return endpoint_lookup_exact(packet->destination,
				     lb_selector(0, 0, LB_ROLE_SNAT_SOURCE, packet->is_ipv4));
}

/*
 * Whom an error is for: the word for portless_send(), or a verdict, or ELSEWHERE, as
 * request_track().
 */
__noinline __u32 icmp_error_action(struct xdp_md *ctx, bool try_snat)
{
	struct lb_endpoint_entry *entry;
	struct packet packet;
	struct icmp_inner icmp_inner;

	if (!packet_init(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse_portless(&packet))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	if (!icmp_inner_parse(&packet, &icmp_inner))
		return finish_unrelated(&packet);
	entry = find_inner_service(&packet, &icmp_inner);
	if (entry)
		return relay_to_backend(&packet, &icmp_inner, entry->id, try_snat);
	if (find_snat_source(&packet))
		return ACTION_TRY_NEXT;
	entry = endpoint_lookup(icmp_inner.destination,
				lb_selector(icmp_inner.destination_port, icmp_inner.protocol,
					    LB_ROLE_BACKEND, packet.is_ipv4));
	if (entry)
		return relay_to_client(&packet, &icmp_inner, entry);
	return finish_unrelated(&packet);
}

/* To the client of the flow that speaks from the quoted source, an endpoint of ours. */
static __always_inline __u64 relay_to_snat_client(const struct packet *packet,
						  const struct icmp_inner *icmp_inner, __u32 source)
{
	__u32 snat_index = source * LB_SNAT_PORTS + bpf_ntohs(icmp_inner->source_port);
	struct lb_snat_entry *port = snat_entry_get(snat_index);
	struct lb_flow flow;

	if (!port)
		return finish(packet, LB_ICMP_ERROR_UNKNOWN, XDP_PASS);
	flow.key = *(volatile __u64 *)&port->flow.key;
	flow.data = *(volatile __u64 *)&port->flow.data;
	if (!is_flow_backend(icmp_inner->destination, icmp_inner->destination_port,
			     icmp_inner->protocol, &flow))
		return finish(packet, LB_ICMP_ERROR_UNKNOWN, XDP_PASS);
	return return_action(lb_flow_backend(flow.data), LB_ICMP_ERROR_RELAYED) | (__u64)snat_index
											  << 32;
}

/* The same of flows of snat, by their places; a function of its own. */
__noinline __u64 icmp_error_snat_action(struct xdp_md *ctx)
{
	struct target target = {.forward = LB_FORWARD_SNAT};
	struct lb_endpoint_entry *entry;
	struct snat_lookup lookup;
	struct packet packet;
	struct icmp_inner icmp_inner;

	if (!packet_init(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse_portless(&packet) || !icmp_inner_parse(&packet, &icmp_inner))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	entry = find_snat_source(&packet);
	if (entry)
		return relay_to_snat_client(&packet, &icmp_inner, entry->id);
	entry = find_inner_service(&packet, &icmp_inner);
	if (!entry)
		return finish(&packet, LB_ICMP_ERROR_UNKNOWN, XDP_PASS);
	snat_lookup(&lookup, &packet, icmp_inner.destination, icmp_inner.destination_port,
		    icmp_inner.source_port, entry->id);
	snat_find(&lookup);
	if (!lookup.snat_index)
		return ACTION_TRY_NEXT;
	target.id = lb_flow_backend(lookup.data);
	target.backend = backend_get(target.id);
	if (!target.backend || target.backend->flags & LB_BACKEND_MAINT)
		return finish(&packet, LB_ICMP_ERROR_UNKNOWN, XDP_PASS);
	return forward_action(&target, LB_ICMP_ERROR_RELAYED, false) | (__u64)lookup.snat_index
									       << 32;
}

/* Of snat both ends are translated; whose address the error goes to has to be the last. */
static __always_inline void nat_inner(struct xdp_md *ctx, __u64 action)
{
	if (action >> 32 && action & ACTION_FORWARD)
		icmp_nat_inner(ctx, action, true);
	if (!(action & ACTION_FORWARD) || !is_one_way(action_mode(action)))
		icmp_nat_inner(ctx, action, false);
	if (action >> 32 && !(action & ACTION_FORWARD))
		icmp_nat_inner(ctx, action, true);
}

__noinline int icmp_error_relay(struct xdp_md *ctx)
{
	__u64 next = icmp_error_action(ctx, true);

	if (next & ACTION_TRY_NEXT)
		next = icmp_error_snat_action(ctx);
	if (next & ACTION_TRY_NEXT)
		next = icmp_error_action(ctx, false);
	if (!(next & (ACTION_FORWARD | ACTION_RETURN)))
		return next;
	nat_inner(ctx, next);
	return portless_send(ctx, next);
}

#endif
