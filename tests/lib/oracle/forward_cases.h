/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Services in each forwarding mode and IP version, for tests that must hold in every mode except
 * snat. Each has a service on port 80 of TCP and of UDP, with host 11 of net 2 as its backend.
 */
#ifndef TEST_LIB_ORACLE_FORWARD_CASES_H
#define TEST_LIB_ORACLE_FORWARD_CASES_H

#include "harness/test_env.h"

struct forward_case {
	const char *name; /* prefix of the services' names */
	unsigned int number; /* last part of the VIP */
	bool v6;
	const char *flags;
};

#define FORWARD_CASES 8U
extern const struct forward_case forward_cases[FORWARD_CASES];

bool forward_case_is_nat(const struct forward_case *forward_case);
bool forward_case_is_tunnel(const struct forward_case *forward_case);

/* Adds all services. */
void forward_cases_open(const struct env *env);

/* An exchange between a client and the service of a case. */
struct exchange forward_case_exchange(const struct env *env,
				      const struct forward_case *forward_case, __u8 protocol,
				      __u32 client);

/* The request as forwarded; in tunnel modes, its inner packet. */
struct packet_spec forward_case_expected(const struct forward_case *forward_case,
					 struct packet_spec request);

/*
 * Encapsulates a packet built from forward_case_expected(), in tunnel modes. The fields that depend
 * on the flow's hash (source, label) are those of the packet `got`; if that has other outer
 * headers, the packet stays as it is. `has_inner_sum`: the inner packet has a transport checksum,
 * so that GUE over IPv6 has one.
 */
void forward_case_encapsulate(const struct forward_case *forward_case,
			      const struct packet_spec *sent, bool has_inner_sum,
			      const struct packet *got, struct packet *packet);

#endif
