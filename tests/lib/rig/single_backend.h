/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A pool: a service of one backend that is reached in some way, and the last connection with
 * it, for tests of what is seen of connections where answers go past the balancer, or do not.
 */
#ifndef TEST_LIB_RIG_SINGLE_BACKEND_H
#define TEST_LIB_RIG_SINGLE_BACKEND_H

#include "rig/test_env.h"

struct pool {
	struct stage *stage;
	char what[32], name[16]; /* "snat, IPv6"; of the service */
	unsigned int number;
	bool v6, is_one_way; /* answers go past the balancer */
	__u8 protocol;
	__u16 service, backend;
	struct talk talk;
	struct endpoint seen; /* by the backend, as its client */
	__u32 sequence; /* what the client has sent, */
	__u32 acknowledged; /* and what it has had */
};

/* `flags` are those of `lbctl service add` besides. */
void pool_open(struct pool *pool, struct stage *stage, const char *forward, bool v6, __u8 protocol,
	       const char *flags);

/* Another connection: its first packet. */
void pool_begin(struct pool *pool);

/* A packet from the client, with so much payload. */
void pool_ask(struct pool *pool, __u8 flags, __u16 payload);

/* A packet from the backend, by way of the balancer. */
void pool_reply(struct pool *pool, __u8 flags, __u16 payload);

#endif
