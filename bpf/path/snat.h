/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Full NAT (snat mode): the backend sees a SNAT source address and port in place of the client's.
 * So its replies return to the balancer wherever the backend is. A flow without a SNAT port
 * (flow/snat_ports.h) is refused, because its replies could not be matched.
 */
#ifndef BPF_PATH_SNAT_H
#define BPF_PATH_SNAT_H

#include "core/action.h"
#include "flow/fragment_table.h"
#include "flow/snat_ports.h"
#include "forward/tcp_reset.h"
#include "select/select.h"

/* Prepares a lookup of a client's flow with a service, at the port of the VIP. */
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

static __always_inline struct action snat_forward(__u32 backend, __u32 snat_index)
{
	return action_indexed(action_forward(backend, LB_FORWARD_SNAT, LB_FORWARDED), snat_index);
}

/* Selects a backend for a flow without a SNAT port, and allocates one. Returns as snat_track(). */
static __always_inline struct action snat_create(const struct packet *packet,
						 struct snat_lookup *lookup, __u32 service)
{
	struct select_key select_key = select_key_of(packet, packet->source, lookup->hash);
	struct action selected = select_backend(service, &select_key, true);
	struct target target = target_of(selected);

	if (!target.backend)
		return selected;
	if (target.forward != LB_FORWARD_SNAT)
		return action_of(ACTION_CONTINUE, 0);
	if (!request_begins_flow(packet))
		return action_verdict(LB_NO_TRANSLATION, XDP_DROP);
	if (!lookup->victim || !snat_insert(lookup, &target))
		return action_verdict(LB_NO_PORT, XDP_DROP);
	flow_sample_first(packet, SNAT_TIMING_KEY | lookup->victim, &target);
	return action_new_flow(snat_forward(target.id, lookup->victim), true);
}

/*
 * Finds the flow of a request to a service with SNAT ports, and updates or creates it. Returns
 * ACTION_FORWARD, ACTION_RESET, ACTION_CONTINUE if the flow belongs to the flow table, or
 * ACTION_VERDICT if it cannot be forwarded. Global function: verified once.
 */
__noinline __u64 snat_track(const struct packet *packet, __u32 service)
{
	struct lb_backend *backend = NULL;
	struct snat_lookup lookup;
	__u32 id = 0;

	if (!packet)
		return action_abort().word;
	snat_lookup(&lookup, packet, packet->source, packet->source_port, packet->destination_port,
		    service);
	snat_find(&lookup);
	if (lookup.snat_index) {
		id = lb_flow_backend(lookup.data);
		backend = backend_get(id);
		lookup.victim = lookup.snat_index;
		lookup.victim_key = lookup.key;
	}
	if (backend && reset_applies(backend, packet)) {
		snat_delete(&lookup);
		return action_of(ACTION_RESET, 0).word;
	}
	if (!backend || backend->flags & LB_BACKEND_MAINT ||
	    (request_begins_flow(packet) && !lb_flow_alive(lookup.data, packet->now)))
		return snat_create(packet, &lookup, service).word;
	snat_update(lookup.snat_index, packet, backend, lookup.data, false);
	return snat_forward(id, lookup.snat_index).word;
}

/* True if this is the endpoint of a flow's backend, at the port that the client used. */
static __always_inline bool is_flow_backend(const __u64 address[2], __be16 port, __u8 protocol,
					    const struct lb_flow *flow)
{
	struct lb_service *service = service_get(lb_flow_service(flow->key));
	struct lb_backend *backend = backend_get(lb_flow_backend(flow->data));
	__be16 vip_port = flow->key >> 32;

	return lb_flow_service(flow->key) && service && backend && protocol == service->protocol &&
	       port == (backend->port ?: vip_port) && address_equal(address, backend->address);
}

/*
 * Finds the flow of a packet to a SNAT source address, and updates it. Returns ACTION_RETURN, or
 * ACTION_VERDICT if there is no such flow. Global function: verified once.
 */
__noinline __u64 snat_reply_track(const struct packet *packet, __u32 source)
{
	struct lb_backend *backend;
	struct lb_snat_entry *port;
	struct lb_flow flow;
	__u32 snat_index, id;

	if (!packet)
		return action_abort().word;
	snat_index = source * LB_SNAT_PORTS + bpf_ntohs(packet->destination_port);
	port = snat_entry_get(snat_index);
	if (!port)
		return action_verdict(LB_REPLY_UNKNOWN, XDP_PASS).word;
	flow.key = *(volatile __u64 *)&port->flow.key;
	flow.data = *(volatile __u64 *)&port->flow.data;
	id = lb_flow_backend(flow.data);
	backend = backend_get(id);
	if (!backend ||
	    !is_flow_backend(packet->source, packet->source_port, packet->protocol, &flow))
		return action_verdict(LB_REPLY_UNKNOWN, XDP_PASS).word;
	if (packet->fragment)
		fragment_record_snat(packet, id, snat_index, true);
	snat_update(snat_index, packet, backend, flow.data, true);
	return action_indexed(action_return(id, LB_REPLIED), snat_index).word;
}

#endif
