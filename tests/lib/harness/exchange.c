// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <linux/bpf.h>
#include <string.h>

#include "harness/exchange.h"
#include "harness/flow_table_dump.h"

/* Addresses of both IP versions contain the net number and the host number (harness/testnet.h). */
static unsigned int net_of(const struct endpoint *endpoint)
{
	return endpoint->address.s6_addr[endpoint_is_v6(endpoint) ? 1 : 13];
}

unsigned int exchange_host(const struct exchange *exchange)
{
	return exchange->backend.address.s6_addr[15];
}

struct packet_spec exchange_request(const struct exchange *exchange, __u8 tcp_flags)
{
	struct packet_spec spec = {.source = exchange->client,
				   .destination = exchange->service,
				   .protocol = exchange->protocol,
				   .flags = tcp_flags,
				   .ttl = 64,
				   .payload = 19};

	testnet_mac_address(1, 1, spec.to);
	testnet_mac_address(1, TESTNET_GATEWAY, spec.from);
	return spec;
}

struct packet_spec exchange_request_expected(const struct exchange *exchange,
					     struct packet_spec request)
{
	unsigned int net = net_of(&exchange->backend);

	request.destination = exchange->backend;
	request.ttl--;
	testnet_mac_address(net, exchange_host(exchange), request.to);
	testnet_mac_address(net, 1, request.from);
	return request;
}

struct packet_spec exchange_reply(const struct exchange *exchange, __u8 tcp_flags)
{
	struct packet_spec spec = exchange_request(exchange, tcp_flags);
	unsigned int net = net_of(&exchange->backend);

	spec.source = exchange->backend;
	spec.destination = exchange->client;
	testnet_mac_address(net, 1, spec.to);
	testnet_mac_address(net, exchange_host(exchange), spec.from);
	return spec;
}

struct packet_spec exchange_reply_expected(const struct exchange *exchange,
					   struct packet_spec reply)
{
	reply.source = exchange->service;
	reply.ttl--;
	testnet_mac_address(1, TESTNET_GATEWAY, reply.to);
	testnet_mac_address(1, 1, reply.from);
	return reply;
}

bool exchange_send_request(struct exchange *exchange, __u8 tcp_flags, struct verdict *verdict)
{
	struct packet_spec spec = exchange_request(exchange, tcp_flags);
	struct endpoint source, destination;
	struct packet packet;

	packet_build(&spec, &packet);
	instance_receive(exchange->instance, exchange->testnet->front, &packet, verdict);
	if (verdict->action != XDP_TX && verdict->action != XDP_REDIRECT)
		return false;
	if (!packet_read(&verdict->packet, &source, &destination))
		return false;
	exchange->backend = destination;
	return true;
}

bool exchange_send_reply(const struct exchange *exchange, __u8 tcp_flags, struct verdict *verdict)
{
	struct packet_spec spec = exchange_reply(exchange, tcp_flags);
	struct endpoint source, destination;
	struct packet packet;

	packet_build(&spec, &packet);
	instance_receive(exchange->instance,
			 net_of(&exchange->backend) == 1 ? exchange->testnet->front
							 : exchange->testnet->back,
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
