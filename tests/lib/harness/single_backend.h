/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A service with one backend in a given forwarding mode, and its last connection. For tests of what
 * the balancer observes of connections, with and without replies passing through it.
 */
#ifndef TEST_LIB_HARNESS_SINGLE_BACKEND_H
#define TEST_LIB_HARNESS_SINGLE_BACKEND_H

#include "harness/test_env.h"

struct single {
	struct env *env;
	char what[32], name[16]; /* of the service, as in "snat, IPv6" */
	unsigned int number;
	bool v6, is_one_way; /* direct server return: replies do not pass through the balancer */
	__u8 protocol;
	__u16 service, backend;
	struct exchange exchange;
	struct endpoint client_seen; /* client endpoint that the backend sees */
	__u32 sequence; /* bytes sent by the client */
	__u32 acknowledged; /* bytes received by the client */
};

/* `flags`: further flags of `lbctl service add`. */
void single_open(struct single *single, struct env *env, const char *forward, bool v6,
		 __u8 protocol, const char *flags);

/* Begins a new connection with its first packet. */
void single_begin(struct single *single);

/* Sends a packet of the client with `payload` bytes. */
void single_send_request(struct single *single, __u8 flags, __u16 payload);

/* Sends a packet of the backend through the balancer. */
void single_send_reply(struct single *single, __u8 flags, __u16 payload);

/* Returns the state of the last connection's flow entry; without an entry, LB_FLOW_NEW. */
enum lb_flow_state single_flow_state(const struct single *single);

#endif
