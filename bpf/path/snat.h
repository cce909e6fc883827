/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Full translation: backends see an address of ours in the client's place, and so answer
 * to us, wherever they are. A flow without a port of ours (bpf/flow/snat_ports.h) is refused: its
 * replies could not be told from others'.
 */
#ifndef BPF_PATH_SNAT_H
#define BPF_PATH_SNAT_H

#include "flow/fragment_table.h"
#include "flow/snat_ports.h"
#include "forward/forward.h"
#include "forward/tcp_reset.h"
#include "select/select.h"

/* The flow of a client with a service, which it asked for at a port. */
static __always_inline void snat_lookup(struct snat_lookup *lookup, const struct packet *packet,
					const __u64 client[2], __be16 client_port, __be16 vip_port,
					__u32 id)
{
	const struct lb_service *service = service_get(id);
	struct flow_lookup flow;

	flow_lookup(&flow, packet, client, client_port);
	*lookup = (struct snat_lookup){
		.client = {client[0], client[1]},
		.hash = flow.hash,
		.now = packet->now,
	};
	if (!service)
		return;
	lookup->key = lb_snat_key(client_port, service->port ? 0 : vip_port, id);
	lookup->snat_first = service->snat_first;
	lookup->snat_count = service->snat_count;
}

/* A flow that has no place: it gets one, if there is one for it. */
static __always_inline __u64 snat_create(const struct packet *packet, struct snat_lookup *lookup,
					 __u32 service)
{
	struct select_key select_key = select_key_of(packet, packet->source, lookup->hash);
	struct target target = select_target(service, &select_key, true);

	if (!target.backend)
		return finish(packet, target.id == BACKENDS_FULL ? LB_OVERLOADED : LB_NO_BACKEND,
			      XDP_DROP);
	if (target.forward != LB_FORWARD_SNAT)
		return ACTION_TRY_NEXT;
	if (!request_begins_flow(packet))
		return finish(packet, LB_NO_TRANSLATION, XDP_DROP);
	if (!lookup->victim || !snat_insert(lookup, &target))
		return finish(packet, LB_NO_PORT, XDP_DROP);
	flow_sample_first(packet, SNAT_TIMING_KEY | lookup->victim, &target);
	return forward_action(&target, LB_FORWARDED, true) | (__u64)lookup->victim << 32;
}

/*
 * A request to a service that has flows of snat: its verdict, or its delivery, or
 * ELSEWHERE if it belongs to the flow memory.
 */
__noinline __u64 snat_track(struct xdp_md *ctx, __u32 service_id)
{
	struct lb_service *service = service_get(service_id);
	struct lb_backend *backend = NULL;
	struct target target = {.forward = LB_FORWARD_SNAT};
	struct snat_lookup lookup;
	struct packet packet;
	__u64 next;

	if (!packet_init(&packet, ctx))
		return XDP_ABORTED;
	if (!service || packet_parse(&packet))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	snat_lookup(&lookup, &packet, packet.source, packet.source_port, packet.destination_port,
		    service_id);
	snat_find(&lookup);
	if (lookup.snat_index) {
		target.id = lb_flow_backend(lookup.data);
		backend = backend_get(target.id);
		lookup.victim = lookup.snat_index;
		lookup.victim_key = lookup.key;
	}
	if (backend && reset_applies(backend, &packet)) {
		snat_delete(&lookup);
		return ACTION_RESET;
	}
	if (!backend || backend->flags & LB_BACKEND_MAINT ||
	    (request_begins_flow(&packet) && !lb_flow_alive(lookup.data, packet.now))) {
		next = snat_create(&packet, &lookup, service_id);
	} else {
		snat_update(lookup.snat_index, &packet, backend, lookup.data, false);
		next = forward_action(&target, LB_FORWARDED, false) | (__u64)lookup.snat_index
									      << 32;
	}
	if (packet.fragment && next & ACTION_FORWARD)
		fragment_record_snat(&packet, next & 0xffff, next >> 32, false);
	return next;
}

/* Is this what the flow at a place is with: the backend, by the port that was asked? */
static __always_inline bool is_flow_backend(const __u64 address[2], __be16 port, __u8 protocol,
					    const struct lb_flow *flow)
{
	struct lb_service *service = service_get(lb_flow_service(flow->key));
	struct lb_backend *backend = backend_get(lb_flow_backend(flow->data));
	__be16 vip_port = flow->key >> 32;

	return lb_flow_service(flow->key) && service && backend && protocol == service->protocol &&
	       port == (backend->port ?: vip_port) && address[0] == backend->address[0] &&
	       address[1] == backend->address[1];
}

/* A packet to one of the addresses that we speak to backends from. */
__noinline int reply_snat(struct xdp_md *ctx, __u32 source)
{
	struct lb_service *service;
	struct lb_backend *backend;
	struct lb_snat_entry *port;
	struct packet packet;
	struct lb_flow flow;
	__u64 client[2];
	__u32 snat_index;
	struct nexthop nexthop;

	if (!packet_init(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse(&packet))
		return finish(&packet, LB_ABORTED, XDP_DROP);
	snat_index = source * LB_SNAT_PORTS + bpf_ntohs(packet.destination_port);
	port = snat_entry_get(snat_index);
	if (!port)
		return finish(&packet, LB_REPLY_UNKNOWN, XDP_PASS);
	flow.key = *(volatile __u64 *)&port->flow.key;
	flow.data = *(volatile __u64 *)&port->flow.data;
	client[0] = port->client[0];
	client[1] = port->client[1];
	service = service_get(lb_flow_service(flow.key));
	backend = backend_get(lb_flow_backend(flow.data));
	if (!service || !backend ||
	    !is_flow_backend(packet.source, packet.source_port, packet.protocol, &flow))
		return finish(&packet, LB_REPLY_UNKNOWN, XDP_PASS);
	if (!ttl_allows(&packet))
		return finish(&packet, LB_TTL_EXPIRED, XDP_DROP);
	if (packet.fragment)
		fragment_record_snat(&packet, lb_flow_backend(flow.data), snat_index, true);
	snat_update(snat_index, &packet, backend, flow.data, true);
	count_reply_bounded(&packet, lb_flow_backend(flow.data));
	rewrite_to_client(&packet, service, backend);
	rewrite_for_client(&packet, client, flow.key >> 16);
	restore_port(&packet, service, true);
	packet.destination[0] = client[0];
	packet.destination[1] = client[1];
	if (client_nexthop_is_fresh(&packet, backend->service, &nexthop))
		return send(&packet, &nexthop, LB_REPLIED);
	return send_to_client(&packet, backend->service, LB_REPLIED);
}

#endif
