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
static __always_inline void port_visit(struct port_visit *visit, const struct packet *packet,
				       const __u64 client[2], __be16 client_port, __be16 asked,
				       __u32 id)
{
	const struct lb_service *service = service_get(id);
	struct flow_visit flow;

	flow_visit(&flow, packet, client, client_port);
	*visit = (struct port_visit){
		.client = {client[0], client[1]},
		.hash = flow.hash,
		.now = packet->now,
	};
	if (!service)
		return;
	visit->key = lb_port_key(client_port, service->port ? 0 : asked, id);
	visit->first_source = service->first_source;
	visit->source_count = service->source_count;
}

/* A flow that has no place: it gets one, if there is one for it. */
static __always_inline __u64 port_welcome(const struct packet *packet, struct port_visit *visit,
					  __u32 service)
{
	struct asker asker = asker_of(packet, packet->source, visit->hash);
	struct target target = choose(service, &asker, true);

	if (!target.backend)
		return leave(packet, target.id == NOBODY_FREE ? LB_OVERLOADED : LB_NO_BACKEND,
			     XDP_DROP);
	if (target.forward != LB_FORWARD_SNAT)
		return ELSEWHERE;
	if (!packet_begins_flow(packet))
		return leave(packet, LB_NO_TRANSLATION, XDP_DROP);
	if (!visit->room || !port_take(visit, &target))
		return leave(packet, LB_NO_PORT, XDP_DROP);
	flow_begins(packet, PORT_TIMED | visit->room, &target);
	return delivery(&target, LB_FORWARDED, true) | (__u64)visit->room << 32;
}

/*
 * A request to a service that has flows of snat: its verdict, or its delivery, or
 * ELSEWHERE if it belongs to the flow memory.
 */
__noinline __u64 note_translated(struct xdp_md *ctx, __u32 service_id)
{
	struct lb_service *service = service_get(service_id);
	struct lb_backend *backend = NULL;
	struct target target = {.forward = LB_FORWARD_SNAT};
	struct port_visit visit;
	struct packet packet;
	__u64 next;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (!service || packet_parse(&packet))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	port_visit(&visit, &packet, packet.source, packet.source_port, packet.destination_port,
		   service_id);
	port_look(&visit);
	if (visit.place) {
		target.id = lb_flow_backend(visit.data);
		backend = backend_get(target.id);
		visit.room = visit.place;
		visit.room_key = visit.key;
	}
	if (backend && is_to_be_reset(backend, &packet)) {
		port_forget(&visit);
		return TO_RESET;
	}
	if (!backend || backend->flags & LB_BACKEND_MAINT ||
	    (packet_begins_flow(&packet) && !lb_flow_alive(visit.data, packet.now))) {
		next = port_welcome(&packet, &visit, service_id);
	} else {
		port_note(visit.place, &packet, backend, visit.data, false);
		next = delivery(&target, LB_FORWARDED, false) | (__u64)visit.place << 32;
	}
	if (packet.fragment && next & DELIVERY)
		fragment_note_place(&packet, next & 0xffff, next >> 32, false);
	return next;
}

/* Is this what the flow at a place is with: the backend, by the port that was asked? */
static __always_inline bool is_partner(const __u64 address[2], __be16 port, __u8 protocol,
				       const struct lb_flow *flow)
{
	struct lb_service *service = service_get(lb_flow_service(flow->key));
	struct lb_backend *backend = backend_get(lb_flow_backend(flow->data));
	__be16 asked = flow->key >> 32;

	return lb_flow_service(flow->key) && service && backend && protocol == service->protocol &&
	       port == (backend->port ?: asked) && address[0] == backend->address[0] &&
	       address[1] == backend->address[1];
}

/* A packet to one of the addresses that we speak to backends from. */
__noinline int reply_translated(struct xdp_md *ctx, __u32 source)
{
	struct lb_service *service;
	struct lb_backend *backend;
	struct lb_port *port;
	struct packet packet;
	struct lb_flow flow;
	__u64 client[2];
	__u32 place;
	struct hop hop;

	if (!packet_enter(&packet, ctx))
		return XDP_ABORTED;
	if (packet_parse(&packet))
		return leave(&packet, LB_ABORTED, XDP_DROP);
	place = source * LB_PORTS + bpf_ntohs(packet.destination_port);
	port = port_get(place);
	if (!port)
		return leave(&packet, LB_REPLY_UNKNOWN, XDP_PASS);
	flow.key = *(volatile __u64 *)&port->flow.key;
	flow.data = *(volatile __u64 *)&port->flow.data;
	client[0] = port->client[0];
	client[1] = port->client[1];
	service = service_get(lb_flow_service(flow.key));
	backend = backend_get(lb_flow_backend(flow.data));
	if (!service || !backend ||
	    !is_partner(packet.source, packet.source_port, packet.protocol, &flow))
		return leave(&packet, LB_REPLY_UNKNOWN, XDP_PASS);
	if (!packet_may_travel(&packet))
		return leave(&packet, LB_TTL_EXPIRED, XDP_DROP);
	if (packet.fragment)
		fragment_note_place(&packet, lb_flow_backend(flow.data), place, true);
	port_note(place, &packet, backend, flow.data, true);
	count_answered(&packet, lb_flow_backend(flow.data));
	rewrite_to_client(&packet, service, backend);
	rewrite_for_client(&packet, client, flow.key >> 16);
	keep_port(&packet, service, true);
	packet.destination[0] = client[0];
	packet.destination[1] = client[1];
	if (way_is_fresh(&packet, backend->service, &hop))
		return send(&packet, &hop, LB_REPLIED);
	return send_to_client(&packet, backend->service, LB_REPLIED);
}

#endif
