/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The oracle: decides whether what happened to any packet is allowed. It does not predict the
 * outcome. It checks the XDP action and the bytes against the rule of the outcome that was counted.
 *
 * A new outcome needs a rule here. A new way to change a packet needs a function that lists the
 * bytes that may differ and what must hold for them: oracle/oracle_forward.c for forwarded packets,
 * oracle/oracle_generated.c for packets that the datapath generates.
 */
#ifndef TEST_LIB_ORACLE_ORACLE_H
#define TEST_LIB_ORACLE_ORACLE_H

#include "lb/abi.h"
#include "packets/packet_builder.h"

/* One run of the program on a packet. */
struct run {
	const struct packet *in;
	const struct packet *out;
	__u32 action; /* XDP_* */
	struct lb_outcomes increments; /* increase of each outcome's counter */
};

/* Returns NULL, or what is wrong. */
const char *oracle_check(const struct run *run);

/* Returns the counted outcome, or LB_OUTCOME_COUNT unless exactly one was counted once. */
enum lb_outcome oracle_outcome(const struct run *run);

/* True if no packet may have this outcome. */
bool oracle_forbids(enum lb_outcome outcome);

#endif
