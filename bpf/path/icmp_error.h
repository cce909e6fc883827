/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ICMP errors about flows of the balancer: "too big", without which path MTU discovery fails,
 * "unreachable", "time exceeded". An error goes to the source of its inner packet; after
 * translation that is not the address of the real sender.
 *
 *   - To a VIP: about a packet of a backend. It is forwarded to the backend of the flow, by the
 *     flow table, or by hash if flows may be untracked. In nat mode the inner packet is translated
 *     back.
 *   - To a SNAT source address: about a packet of a client. It is returned to the flow's client.
 *   - To a client, about a packet to a backend's address: translated in the other direction,
 *     whatever its source.
 *
 * An error about any other flow is passed to the stack.
 */
#ifndef BPF_PATH_ICMP_ERROR_H
#define BPF_PATH_ICMP_ERROR_H

#include "core/action.h"
#include "flow/pressure.h"
#include "forward/icmp_nat.h"
#include "packet/icmp_inner.h"
#include "path/reply.h"
#include "path/request.h"
#include "path/snat.h"
#include "select/select.h"

static __always_inline struct action error_unknown(void)
{
	return action_verdict(LB_ICMP_ERROR_UNKNOWN, XDP_PASS);
}

/* The verdict on an error about a packet of no endpoint. */
static __always_inline struct action error_unrelated(const struct packet *packet)
{
	bool is_endpoint = filter_may_match(packet->destination, LB_ROLE_SERVICE) ||
			   filter_may_match(packet->source, LB_ROLE_BACKEND);

	return action_verdict(is_endpoint ? LB_NOT_TCP_UDP : LB_PASSED, XDP_PASS);
}

/* For a backend that sent the packet to a client; ACTION_CONTINUE if it may have a SNAT port. */
static __always_inline struct action error_to_backend(const struct packet *packet,
						      const struct icmp_inner *inner, __u32 service,
						      enum flow_search search)
{
	const struct lb_service *record = service_get(service);
	struct target target = {0};
	struct select_key client;
	struct flow_lookup lookup;
	struct lb_bucket *bucket =
		flow_lookup(&lookup, packet, inner->destination, inner->destination_port);

	client = select_key_of(packet, inner->destination, lookup.hash);
	if (record && !record->port)
		lookup.client = lb_flow_key_add_port(lookup.client, inner->source_port);
	if (flow_find(&lookup, bucket, service))
		target = flow_backend(&lookup);
	else if (search == FLOW_FIND && record && record->snat_count)
		return action_of(ACTION_CONTINUE, 0);
	else if (pressure_has_untracked(packet->now) || service_picks_by_hash(service))
		target = target_of(select_backend(service, &client, false));
	if (!target.backend || target.forward == LB_FORWARD_SNAT)
		return error_unknown();
	return action_forward(target.id, target.forward, LB_ICMP_ERROR_RELAYED);
}

/* For a client that sent the packet to a service; `entry` is that of the backend's endpoint. */
static __always_inline struct action error_to_client(const struct packet *packet,
						     const struct icmp_inner *inner,
						     const struct lb_endpoint_entry *entry)
{
	struct flow_lookup lookup = {0};
	struct select_key client;
	struct backend_end end;
	struct reply_match match;

	flow_lookup(&lookup, packet, packet->destination, inner->source_port);
	client = select_key_of(packet, packet->destination, lookup.hash);
	end = (struct backend_end){
		inner->destination,
		lb_selector(inner->destination_port, inner->protocol, LB_ROLE_BACKEND,
			    packet->is_ipv4),
		{entry->id, entry->next},
	};
	match = find_reply_backend(&lookup, &client, &end, false);
	return match.id ? action_return(match.id, LB_ICMP_ERROR_RELAYED) : error_unknown();
}

static __always_inline struct lb_endpoint_entry *find_inner_service(const struct packet *packet,
								    const struct icmp_inner *inner)
{
	return endpoint_lookup(packet->destination, lb_selector(inner->source_port, inner->protocol,
								LB_ROLE_SERVICE, packet->is_ipv4));
}

/* The entry of a SNAT source address that the error goes to, or NULL. */
static __always_inline struct lb_endpoint_entry *find_snat_source(const struct packet *packet)
{
	return endpoint_lookup(packet->destination,
			       lb_selector(0, 0, LB_ROLE_SNAT_SOURCE, packet->is_ipv4));
}

static __always_inline bool find_inner(struct icmp_inner *inner, struct xdp_md *ctx,
				       const struct packet *packet)
{
	struct headers headers;

	return headers_find(&headers, ctx, packet) && icmp_inner_parse(packet, &headers, inner);
}

/*
 * Finds the flow of an ICMP error in the flow table. Returns ACTION_FORWARD, ACTION_RETURN,
 * ACTION_CONTINUE if it may have a SNAT port, or ACTION_VERDICT if there is no such flow. Global
 * function: verified once.
 */
__noinline __u64 icmp_error_track(struct xdp_md *ctx, const struct packet *packet,
				  enum flow_search search)
{
	struct lb_endpoint_entry *entry;
	struct icmp_inner inner;

	if (!packet)
		return action_abort().word;
	if (!find_inner(&inner, ctx, packet))
		return error_unrelated(packet).word;
	entry = find_inner_service(packet, &inner);
	if (entry)
		return error_to_backend(packet, &inner, entry->id, search).word;
	if (find_snat_source(packet))
		return action_of(ACTION_CONTINUE, 0).word;
	entry = endpoint_lookup(inner.destination,
				lb_selector(inner.destination_port, inner.protocol, LB_ROLE_BACKEND,
					    packet->is_ipv4));
	if (entry)
		return error_to_client(packet, &inner, entry).word;
	return error_unrelated(packet).word;
}

/* For the client of the flow with the SNAT port that sent the inner packet. */
static __always_inline struct action error_to_snat_client(const struct icmp_inner *inner,
							  __u32 source)
{
	__u32 snat_index = source * LB_SNAT_PORTS + bpf_ntohs(inner->source_port);
	struct lb_snat_entry *port = snat_entry_get(snat_index);
	struct lb_flow flow;

	if (!port)
		return error_unknown();
	flow.key = *(volatile __u64 *)&port->flow.key;
	flow.data = *(volatile __u64 *)&port->flow.data;
	if (!is_flow_backend(inner->destination, inner->destination_port, inner->protocol, &flow))
		return error_unknown();
	return action_indexed(action_return(lb_flow_backend(flow.data), LB_ICMP_ERROR_RELAYED),
			      snat_index);
}

/* Likewise among the SNAT ports. Global function: verified once. */
__noinline __u64 icmp_error_snat_track(struct xdp_md *ctx, const struct packet *packet)
{
	struct lb_endpoint_entry *entry;
	struct lb_backend *backend;
	struct snat_lookup lookup;
	struct icmp_inner inner;
	__u32 id;

	if (!packet || !find_inner(&inner, ctx, packet))
		return action_abort().word;
	entry = find_snat_source(packet);
	if (entry)
		return error_to_snat_client(&inner, entry->id).word;
	entry = find_inner_service(packet, &inner);
	if (!entry)
		return error_unknown().word;
	snat_lookup(&lookup, packet, inner.destination, inner.destination_port, inner.source_port,
		    entry->id);
	snat_find(&lookup);
	if (!lookup.snat_index)
		return action_of(ACTION_CONTINUE, 0).word;
	id = lb_flow_backend(lookup.data);
	backend = backend_get(id);
	if (!backend || backend->flags & LB_BACKEND_MAINT)
		return error_unknown().word;
	return action_indexed(action_forward(id, LB_FORWARD_SNAT, LB_ICMP_ERROR_RELAYED),
			      lookup.snat_index)
		.word;
}

/* In snat mode both ends are translated; the end that the error goes to has to be the last. */
static __always_inline void translate_inner(struct xdp_md *ctx, const struct packet *packet,
					    struct action action)
{
	bool is_forward = action_is(action, ACTION_FORWARD), has_port = action_index(action);

	if (has_port && is_forward)
		icmp_nat_inner(ctx, packet, action.word, INNER_CLIENT);
	if (!is_forward || !is_one_way(action_mode(action)))
		icmp_nat_inner(ctx, packet, action.word, INNER_BACKEND);
	if (has_port && !is_forward)
		icmp_nat_inner(ctx, packet, action.word, INNER_CLIENT);
}

/*
 * Finds the flow of an ICMP error, and translates the inner packet. Returns ACTION_FORWARD,
 * ACTION_RETURN or ACTION_VERDICT.
 */
static __always_inline struct action icmp_error_action(struct xdp_md *ctx,
						       const struct packet *packet)
{
	struct action action = {icmp_error_track(ctx, packet, FLOW_FIND)};

	if (action_is(action, ACTION_CONTINUE))
		action.word = icmp_error_snat_track(ctx, packet);
	if (action_is(action, ACTION_CONTINUE))
		action.word = icmp_error_track(ctx, packet, FLOW_FIND_OR_SELECT);
	if (action_is(action, ACTION_FORWARD) || action_is(action, ACTION_RETURN))
		translate_inner(ctx, packet, action);
	return action;
}

#endif
