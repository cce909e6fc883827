/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What may be made of a client's packet on its way to a backend, and of the answer: one
 * function for each way of forwarding, which says which bytes may differ and what
 * holds for them. A new way needs a function here.
 */
#ifndef TEST_LIB_ORACLE_ORACLE_FORWARD_H
#define TEST_LIB_ORACLE_ORACLE_FORWARD_H

#include "oracle/oracle.h"
#include "random/fixture_config.h"

/* Bits of enum lb_forward. */
#define ORACLE_FORWARD_ANY	    ((1U << LB_FORWARD_COUNT) - 1)
#define ORACLE_FORWARD_EXCEPT(mode) (ORACLE_FORWARD_ANY & ~(1U << (mode)))

/*
 * The services that a packet may be for, one after the other, NULL being before the first and
 * behind the last. A packet with whole ports is for one; what has none may be for any at the
 * address.
 */
const struct fixture_service *oracle_next_service(const struct packet *packet,
						  const struct fixture_service *last);

/* Is it an ICMP error, which quotes a packet? */
bool oracle_is_icmp_error(const struct packet *packet);

/* Bytes that a backend of a service may get more than were sent, by a tunnel: one after the other. */
unsigned int oracle_tunnel_overheads(const struct fixture_service *service,
				     unsigned int overheads[5]);

/* Both: NULL, or what is wrong. `ways` are those by which this may have happened. */
const char *oracle_check_to_backend(const struct run *run, __u32 modes);
const char *oracle_check_to_client(const struct run *run);

/* Recalls what a client's packet shows of its flow, for answers to come; nothing, unless it goes on. */
void oracle_learn_flow(const struct run *run, bool is_forwarded);

#endif
