// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <string.h>

#include "rig/exchange.h"
#include "rig/flow_table_dump.h"

/* Nets and hosts of the rig have their numbers in both families' addresses. */
static unsigned int net_of(const struct endpoint *endpoint)
{
	return endpoint->address.s6_addr[endpoint_is_v6(endpoint) ? 1 : 13];
}

static unsigned int host_of(const struct endpoint *endpoint)
{
	return endpoint->address.s6_addr[15];
}

struct frame exchange_request(const struct exchange *exchange, __u8 tcp_flags)
{
	struct frame frame = {.source = exchange->client,
			      .destination = exchange->service,
			      .protocol = exchange->protocol,
			      .flags = tcp_flags,
			      .ttl = 64,
			      .payload = 19};

	rig_mac_address(1, 1, frame.to);
	rig_mac_address(1, RIG_GATEWAY, frame.from);
	return frame;
}

struct frame exchange_request_expected(const struct exchange *exchange, struct frame request)
{
	unsigned int net = net_of(&exchange->backend);

	request.destination = exchange->backend;
	request.ttl--;
	rig_mac_address(net, host_of(&exchange->backend), request.to);
	rig_mac_address(net, 1, request.from);
	return request;
}

struct frame exchange_reply(const struct exchange *exchange, __u8 tcp_flags)
{
	struct frame frame = exchange_request(exchange, tcp_flags);
	unsigned int net = net_of(&exchange->backend);

	frame.source = exchange->backend;
	frame.destination = exchange->client;
	rig_mac_address(net, 1, frame.to);
	rig_mac_address(net, host_of(&exchange->backend), frame.from);
	return frame;
}

struct frame exchange_reply_expected(const struct exchange *exchange, struct frame reply)
{
	reply.source = exchange->service;
	reply.ttl--;
	rig_mac_address(1, RIG_GATEWAY, reply.to);
	rig_mac_address(1, 1, reply.from);
	return reply;
}

bool exchange_send_request(struct exchange *exchange, __u8 tcp_flags, struct verdict *verdict)
{
	struct frame frame = exchange_request(exchange, tcp_flags);
	struct endpoint source, destination;
	struct packet packet;

	packet_build(&frame, &packet);
	instance_receive(exchange->instance, exchange->rig->front, &packet, verdict);
	if (verdict->action != XDP_TX && verdict->action != XDP_REDIRECT)
		return false;
	if (!packet_read(&verdict->packet, &source, &destination))
		return false;
	exchange->backend = destination;
	return true;
}

bool exchange_send_reply(const struct exchange *exchange, __u8 tcp_flags, struct verdict *verdict)
{
	struct frame frame = exchange_reply(exchange, tcp_flags);
	struct endpoint source, destination;
	struct packet packet;

	packet_build(&frame, &packet);
	instance_receive(exchange->instance,
			 net_of(&exchange->backend) == 1 ? exchange->rig->front
							 : exchange->rig->back,
			 &packet, verdict);
	return packet_read(&verdict->packet, &source, &destination) &&
	       endpoint_same(&source, &exchange->service);
}

bool exchange_establish(struct exchange *exchange)
{
	struct verdict verdict;
	struct endpoint backend;

	if (!exchange_send_request(exchange, TCP_SYN, &verdict))
		return false;
	backend = exchange->backend;
	return exchange_send_reply(exchange, TCP_SYN | TCP_ACK, &verdict) &&
	       exchange_send_request(exchange, TCP_ACK, &verdict) &&
	       endpoint_same(&backend, &exchange->backend);
}

bool exchange_flow(const struct exchange *exchange, __u16 service, struct lb_flow *flow)
{
	return flow_dump_find(exchange->instance, &exchange->client, service, flow);
}

struct endpoint exchange_client(bool v6, __u32 n)
{
	struct endpoint client = endpoint(v6 ? "2001:db8:c::" : "198.18.0.0", 1024 + n % 32768);

	client.address.s6_addr[15] = n >> 15;
	client.address.s6_addr[14] = n >> 23;
	client.address.s6_addr[13] += n >> 31;
	return client;
}
