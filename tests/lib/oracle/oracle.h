/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The judge: whatever packet came in, what may have become of it? It does not
 * foresee the outcome; it holds verdict and bytes against what the outcome allows,
 * by one rule for each. A new outcome needs a rule, and a new way to change a packet
 * a function that says which bytes may differ and what must hold for them: for what is
 * passed on in oracle/oracle_forward.c, for what the program says itself in oracle/oracle_generated.c.
 */
#ifndef TEST_LIB_ORACLE_ORACLE_H
#define TEST_LIB_ORACLE_ORACLE_H

#include "lb/abi.h"
#include "packets/packet_builder.h"

/* One packet's way through the program. */
struct run {
	const struct packet *in;
	const struct packet *out;
	__u32 action; /* XDP_* */
	struct lb_outcomes increments; /* what each outcome's counter gained */
};

/* What is wrong with it; NULL if all is right. */
const char *oracle_check(const struct run *run);

/* The outcome that was counted; LB_OUTCOME_COUNT unless it was one, and once. */
enum lb_outcome oracle_outcome(const struct run *run);

/* May no packet at all have this outcome? */
bool oracle_forbids(enum lb_outcome outcome);

#endif
