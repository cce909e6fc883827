/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a service's packets are carried to its backends, for tests that hold for every
 * way: a service for each on port 80 of UDP and of TCP, with host 11 of net 2 as its
 * backend, and what becomes of a packet on that way.
 */
#ifndef TEST_LIB_ORACLE_FORWARD_CASES_H
#define TEST_LIB_ORACLE_FORWARD_CASES_H

#include "rig/test_env.h"

struct carriage {
	const char *name; /* the beginning of the services' names */
	unsigned int number; /* of their address */
	bool v6;
	const char *flags;
};

#define CARRIAGES 8U
extern const struct carriage carriages[CARRIAGES];

bool carriage_is_nat(const struct carriage *carriage);
bool carriage_is_tunnel(const struct carriage *carriage);

/* Adds all services to the stage. */
void carriage_open_all(const struct stage *stage);

/* The talk of a client with the service of a carriage. */
struct talk carriage_talk(const struct stage *stage, const struct carriage *carriage, __u8 protocol,
			  __u32 client);

/* A request as it leaves; in a tunnel, what is inside. */
struct frame carriage_sent(const struct carriage *carriage, struct frame request);

/*
 * The packet that leaves for one that was built as carriage_sent() says. What the
 * flow's hash gives (source, label) is taken from the packet that was `got`.
 * `sum_is_told`: the packet's checksums tell that of an outer UDP header, if that has one.
 */
void carriage_wrap(const struct carriage *carriage, const struct frame *sent, bool sum_is_told,
		   const struct packet *got, struct packet *packet);

#endif
