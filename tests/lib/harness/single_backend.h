/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A pool: a service of one backend that is reached in some way, and the last connection with
 * it, for tests of what is seen of connections where answers go past the balancer, or do not.
 */
#ifndef TEST_LIB_HARNESS_SINGLE_BACKEND_H
#define TEST_LIB_HARNESS_SINGLE_BACKEND_H

#include "harness/test_env.h"

struct single {
	struct env *env;
	char what[32], name[16]; /* "snat, IPv6"; of the service */
	unsigned int number;
	bool v6, is_one_way; /* answers go past the balancer */
	__u8 protocol;
	__u16 service, backend;
	struct exchange exchange;
	struct endpoint client_seen; /* by the backend, as its client */
	__u32 sequence; /* what the client has sent, */
	__u32 acknowledged; /* and what it has had */
};

/* `flags` are those of `lbctl service add` besides. */
void single_open(struct single *single, struct env *env, const char *forward, bool v6,
		 __u8 protocol, const char *flags);

/* Another connection: its first packet. */
void single_begin(struct single *single);

/* A packet from the client, with so much payload. */
void single_send_request(struct single *single, __u8 flags, __u16 payload);

/* A packet from the backend, by way of the balancer. */
void single_send_reply(struct single *single, __u8 flags, __u16 payload);

/* Returns the state of the last connection's flow entry; the first state without an entry. */
enum lb_flow_state single_flow_state(const struct single *single);

#endif
