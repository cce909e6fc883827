/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stage: what nearly every test of the program begins with. A rig, a balancer
 * attached to both of its devices, and the services that a test adds.
 */
#ifndef TEST_LIB_RIG_TEST_ENV_H
#define TEST_LIB_RIG_TEST_ENV_H

#include "rig/exchange.h"

struct stage {
	struct rig rig;
	struct balancer balancer;
};

/* `flags` are those of `lbctl attach`. */
void stage_open(struct stage *stage, const char *flags);

/*
 * Adds a service on port 80, at 192.0.2.N or 2001:db8::N with N = `number`, and
 * returns its id. `flags` are those of `lbctl service add`.
 */
__u16 stage_service(const struct stage *stage, const char *name, unsigned int number, bool v6,
		    __u8 protocol, const char *flags);

/* Adds to a service the backend on port 8080 that is host `host` of net `net`. */
void stage_backend(const struct stage *stage, const char *service, bool v6, unsigned int net,
		   unsigned int host, const char *flags);

/* What most things are tried with: each protocol over each IP version. */
struct stage_kind {
	const char *name; /* of its service */
	__u8 protocol;
	bool v6;
};

#define STAGE_KINDS 4

/* The number of the services for a protocol, of either IP version. */
unsigned int stage_number(__u8 protocol);

/* Adds the service of a kind, of STAGE_KINDS, with one backend: host 11 of net 2. */
const struct stage_kind *stage_add_kind(const struct stage *stage, unsigned int kind,
					const char *flags);

/* The endpoint of such a backend. */
struct endpoint stage_endpoint(bool v6, unsigned int net, unsigned int host);

/* A talk of client `client` with such a service. */
struct talk stage_talk(const struct stage *stage, unsigned int number, bool v6, __u8 protocol,
		       __u32 client);

#endif
