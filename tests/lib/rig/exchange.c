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

struct frame talk_request(const struct talk *talk, __u8 tcp_flags)
{
	struct frame frame = {.source = talk->client,
			      .destination = talk->service,
			      .protocol = talk->protocol,
			      .flags = tcp_flags,
			      .hops = 64,
			      .payload = 19};

	rig_hardware_address(1, 1, frame.to);
	rig_hardware_address(1, RIG_GATEWAY, frame.from);
	return frame;
}

struct frame talk_request_sent(const struct talk *talk, struct frame request)
{
	unsigned int net = net_of(&talk->backend);

	request.destination = talk->backend;
	request.hops--;
	rig_hardware_address(net, host_of(&talk->backend), request.to);
	rig_hardware_address(net, 1, request.from);
	return request;
}

struct frame talk_reply(const struct talk *talk, __u8 tcp_flags)
{
	struct frame frame = talk_request(talk, tcp_flags);
	unsigned int net = net_of(&talk->backend);

	frame.source = talk->backend;
	frame.destination = talk->client;
	rig_hardware_address(net, 1, frame.to);
	rig_hardware_address(net, host_of(&talk->backend), frame.from);
	return frame;
}

struct frame talk_reply_sent(const struct talk *talk, struct frame reply)
{
	reply.source = talk->service;
	reply.hops--;
	rig_hardware_address(1, RIG_GATEWAY, reply.to);
	rig_hardware_address(1, 1, reply.from);
	return reply;
}

bool talk_ask(struct talk *talk, __u8 tcp_flags, struct verdict *verdict)
{
	struct frame frame = talk_request(talk, tcp_flags);
	struct endpoint source, destination;
	struct packet packet;

	packet_build(&frame, &packet);
	balancer_receive(talk->balancer, talk->rig->front, &packet, verdict);
	if (verdict->action != XDP_TX && verdict->action != XDP_REDIRECT)
		return false;
	if (!packet_read(&verdict->packet, &source, &destination))
		return false;
	talk->backend = destination;
	return true;
}

bool talk_answer(const struct talk *talk, __u8 tcp_flags, struct verdict *verdict)
{
	struct frame frame = talk_reply(talk, tcp_flags);
	struct endpoint source, destination;
	struct packet packet;

	packet_build(&frame, &packet);
	balancer_receive(talk->balancer,
			 net_of(&talk->backend) == 1 ? talk->rig->front : talk->rig->back, &packet,
			 verdict);
	return packet_read(&verdict->packet, &source, &destination) &&
	       endpoint_same(&source, &talk->service);
}

bool talk_establish(struct talk *talk)
{
	struct verdict verdict;
	struct endpoint backend;

	if (!talk_ask(talk, TCP_SYN, &verdict))
		return false;
	backend = talk->backend;
	return talk_answer(talk, TCP_SYN | TCP_ACK, &verdict) &&
	       talk_ask(talk, TCP_ACK, &verdict) && endpoint_same(&backend, &talk->backend);
}

bool talk_flow(const struct talk *talk, __u16 service, struct lb_flow *flow)
{
	return memory_find(talk->balancer, &talk->client, service, flow);
}

struct endpoint talk_client(bool v6, __u32 n)
{
	struct endpoint client = endpoint(v6 ? "2001:db8:c::" : "198.18.0.0", 1024 + n % 32768);

	client.address.s6_addr[15] = n >> 15;
	client.address.s6_addr[14] = n >> 23;
	client.address.s6_addr[13] += n >> 31;
	return client;
}
