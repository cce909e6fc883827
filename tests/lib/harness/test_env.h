/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The environment of most BPF tests: a test network, and an instance attached to both of its
 * interfaces.
 */
#ifndef TEST_LIB_HARNESS_TEST_ENV_H
#define TEST_LIB_HARNESS_TEST_ENV_H

#include "harness/exchange.h"

struct env {
	struct testnet testnet;
	struct instance instance;
};

/* `flags`: flags of `lbctl attach`. */
void env_open(struct env *env, const char *flags);

/*
 * Adds a service on port 80 at 192.0.2.N or 2001:db8::N, with N = `number`, and returns its id.
 * `flags`: flags of `lbctl service add`.
 */
__u16 env_add_service(const struct env *env, const char *name, unsigned int number, bool v6,
		      __u8 protocol, const char *flags);

/* Adds a backend on port 8080: host `host` of net `net`. */
void env_add_backend(const struct env *env, const char *service, bool v6, unsigned int net,
		     unsigned int host, const char *flags);

/* Each transport protocol over each IP version. */
struct env_kind {
	const char *name; /* service name */
	__u8 protocol;
	bool v6;
};

#define ENV_KINDS 4

/* The service number (last part of the VIP) for a protocol. */
unsigned int env_service_number(__u8 protocol);

/* Adds the service of a kind, 0 to ENV_KINDS - 1, with one backend: host 11 of net 2. */
const struct env_kind *env_add_kind(const struct env *env, unsigned int kind, const char *flags);

/* Returns the endpoint of such a backend. */
struct endpoint env_backend_endpoint(bool v6, unsigned int net, unsigned int host);

/* Returns an exchange between client number `client` and such a service. */
struct exchange env_exchange(const struct env *env, unsigned int number, bool v6, __u8 protocol,
			     __u32 client);

#endif
