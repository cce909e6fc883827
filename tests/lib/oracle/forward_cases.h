/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a service's packets are carried to its backends, for tests that hold for every
 * way: a service for each on port 80 of UDP and of TCP, with host 11 of net 2 as its
 * backend, and what becomes of a packet on that way.
 */
#ifndef TEST_LIB_ORACLE_FORWARD_CASES_H
#define TEST_LIB_ORACLE_FORWARD_CASES_H

#include "harness/test_env.h"

struct forward_case {
	const char *name; /* the beginning of the services' names */
	unsigned int number; /* of their address */
	bool v6;
	const char *flags;
};

#define FORWARD_CASES 8U
extern const struct forward_case forward_cases[FORWARD_CASES];

bool forward_case_is_nat(const struct forward_case *forward_case);
bool forward_case_is_tunnel(const struct forward_case *forward_case);

/* Adds all services to the stage. */
void forward_cases_open(const struct env *env);

/* The talk of a client with the service of a carriage. */
struct exchange forward_case_exchange(const struct env *env,
				      const struct forward_case *forward_case, __u8 protocol,
				      __u32 client);

/* A request as it leaves; in a tunnel, what is inside. */
struct packet_spec forward_case_expected(const struct forward_case *forward_case,
					 struct packet_spec request);

/*
 * The packet that leaves for one that was built as forward_case_expected() says. What the
 * flow's hash gives (source, label) is taken from the packet that was `got`.
 * `has_inner_sum`: the packet's checksums tell that of an outer UDP header, if that has one.
 */
void forward_case_encapsulate(const struct forward_case *forward_case,
			      const struct packet_spec *sent, bool has_inner_sum,
			      const struct packet *got, struct packet *packet);

#endif
