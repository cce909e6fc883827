/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stage: what nearly every test of the program begins with. A testnet, a balancer
 * attached to both of its devices, and the services that a test adds.
 */
#ifndef TEST_LIB_HARNESS_TEST_ENV_H
#define TEST_LIB_HARNESS_TEST_ENV_H

#include "harness/exchange.h"

struct env {
	struct testnet testnet;
	struct instance instance;
};

/* `flags` are those of `lbctl attach`. */
void env_open(struct env *env, const char *flags);

/*
 * Adds a service on port 80, at 192.0.2.N or 2001:db8::N with N = `number`, and
 * returns its id. `flags` are those of `lbctl service add`.
 */
__u16 env_add_service(const struct env *env, const char *name, unsigned int number, bool v6,
		      __u8 protocol, const char *flags);

/* Adds to a service the backend on port 8080 that is host `host` of net `net`. */
void env_add_backend(const struct env *env, const char *service, bool v6, unsigned int net,
		     unsigned int host, const char *flags);

/* What most things are tried with: each protocol over each IP version. */
struct env_kind {
	const char *name; /* of its service */
	__u8 protocol;
	bool v6;
};

#define ENV_KINDS 4

/* The number of the services for a protocol, of either IP version. */
unsigned int env_service_number(__u8 protocol);

/* Adds the service of a kind, of ENV_KINDS, with one backend: host 11 of net 2. */
const struct env_kind *env_add_kind(const struct env *env, unsigned int kind, const char *flags);

/* The endpoint of such a backend. */
struct endpoint env_backend_endpoint(bool v6, unsigned int net, unsigned int host);

/* A talk of client `client` with such a service. */
struct exchange env_exchange(const struct env *env, unsigned int number, bool v6, __u8 protocol,
			     __u32 client);

#endif
