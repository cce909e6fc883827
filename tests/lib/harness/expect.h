/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compares a verdict with the expected one, as one test case: the XDP action, the outcome counters
 * (this outcome once, no other), and the packet's bytes.
 */
#ifndef TEST_LIB_HARNESS_EXPECT_H
#define TEST_LIB_HARNESS_EXPECT_H

#include "core/tap.h"
#include "harness/instance.h"

struct expectation {
	__u32 action; /* XDP_* */
	enum lb_outcome outcome;
	const struct packet *packet;
};

#define expect(verdict, action, outcome, packet, ...) \
	expect_at(__FILE__, __LINE__, verdict, &(struct expectation){action, outcome, packet}, \
		  __VA_ARGS__)

__attribute__((format(printf, 5, 6))) bool expect_at(const char *file, int line,
						     const struct verdict *verdict,
						     const struct expectation *expectation,
						     const char *format, ...);

#endif
