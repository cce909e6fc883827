/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets between a client and a service through the balancer. Requests are received on `front`,
 * replies on the interface that leads to the backend of the last request.
 */
#ifndef TEST_LIB_HARNESS_EXCHANGE_H
#define TEST_LIB_HARNESS_EXCHANGE_H

#include "harness/instance.h"

struct exchange {
	const struct testnet *testnet;
	const struct instance *instance;
	__u8 protocol;
	struct endpoint client;
	struct endpoint service;
	struct endpoint backend; /* of the last request */
};

/* A client's packet as received, and as expected after forwarding in nat mode. */
struct packet_spec exchange_request(const struct exchange *exchange, __u8 tcp_flags);
struct packet_spec exchange_request_expected(const struct exchange *exchange,
					     struct packet_spec request);

/* A backend's packet as received, and as expected after forwarding. */
struct packet_spec exchange_reply(const struct exchange *exchange, __u8 tcp_flags);
struct packet_spec exchange_reply_expected(const struct exchange *exchange,
					   struct packet_spec reply);

/* Sends a request. Returns true, and stores the backend, if it was sent to one. */
bool exchange_send_request(struct exchange *exchange, __u8 tcp_flags, struct verdict *verdict);

/* Sends a reply. Returns true if its source was rewritten to the VIP. */
bool exchange_send_reply(const struct exchange *exchange, __u8 tcp_flags, struct verdict *verdict);

/* Host number (harness/testnet.h) of the backend of the last request. */
unsigned int exchange_host(const struct exchange *exchange);

/*
 * The TCP handshake. Returns true if all three packets were forwarded, the last to the same
 * backend.
 */
bool exchange_establish(struct exchange *exchange);

/* Reads the flow entry. Returns false if the flow is not tracked. */
bool exchange_flow(const struct exchange *exchange, __u16 service, struct lb_flow *flow);

/* Client number `n`, an address and a port. Numbers below 2^30 are distinct. */
struct endpoint exchange_client(bool v6, __u32 n);

#endif
