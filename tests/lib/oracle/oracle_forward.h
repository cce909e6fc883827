/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rules for requests forwarded to a backend and for replies: one function per forwarding mode,
 * which lists the bytes that may differ and what must hold for them. A new mode needs a function
 * here.
 */
#ifndef TEST_LIB_ORACLE_ORACLE_FORWARD_H
#define TEST_LIB_ORACLE_ORACLE_FORWARD_H

#include "oracle/oracle.h"
#include "random/fixture_config.h"

/* Sets of enum lb_forward. */
#define ORACLE_FORWARD_ANY	    ((1U << LB_FORWARD_COUNT) - 1)
#define ORACLE_FORWARD_EXCEPT(mode) (ORACLE_FORWARD_ANY & ~(1U << (mode)))

/*
 * Iterates over the services that a packet may belong to. NULL starts and ends the iteration. A
 * packet with complete ports belongs to at most one. Other packets may belong to any service at the
 * address.
 */
const struct fixture_service *oracle_next_service(const struct packet *packet,
						  const struct fixture_service *last);

/* True for an ICMP error with an inner packet. */
bool oracle_is_icmp_error(const struct packet *packet);

/*
 * Stores the possible overheads, in bytes, of the service's forwarding modes. Returns their number.
 */
unsigned int oracle_tunnel_overheads(const struct fixture_service *service,
				     unsigned int overheads[5]);

/* Return NULL, or what is wrong. `modes`: the modes that may have been used. */
const char *oracle_check_to_backend(const struct run *run, __u32 modes);
const char *oracle_check_to_client(const struct run *run);

/*
 * Records the SNAT endpoint that a request shows, to check later replies. If the packet was not
 * forwarded, records that the endpoint is unknown.
 */
void oracle_learn_flow(const struct run *run, bool is_forwarded);

#endif
