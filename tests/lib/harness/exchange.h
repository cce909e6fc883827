/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A talk between a client and a service, through the balancer: the client's
 * packets come in by `front`, the answers of the backend that was given them by
 * the device that leads there.
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
	struct endpoint backend; /* that the last request went to */
};

/* The packet of a client to the service as it comes in, and as it shall go out to the backend. */
struct packet_spec exchange_request(const struct exchange *exchange, __u8 tcp_flags);
struct packet_spec exchange_request_expected(const struct exchange *exchange,
					     struct packet_spec request);

/* The packet of the backend to the client as it comes in, and as it shall go out. */
struct packet_spec exchange_reply(const struct exchange *exchange, __u8 tcp_flags);
struct packet_spec exchange_reply_expected(const struct exchange *exchange,
					   struct packet_spec reply);

/* Sends a request; notes its backend and returns true if it was sent to one. */
bool exchange_send_request(struct exchange *exchange, __u8 tcp_flags, struct verdict *verdict);

/* Sends a reply; true if it was given the service's address. */
bool exchange_send_reply(const struct exchange *exchange, __u8 tcp_flags, struct verdict *verdict);

/* The host number, in the test network, of the backend that the last request was sent to. */
unsigned int exchange_host(const struct exchange *exchange);

/* The first three packets of a connection; true if all went the right way. */
bool exchange_establish(struct exchange *exchange);

/* The remembered flow of a talk; false if there is none. */
bool exchange_flow(const struct exchange *exchange, __u16 service, struct lb_flow *flow);

/* A client of number `n`: 2^30 of them are told apart. */
struct endpoint exchange_client(bool v6, __u32 n);

#endif
