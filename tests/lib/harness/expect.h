/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a packet's verdict is held against, as one case of a test: what the
 * program returned, that exactly this one outcome was counted once, and the
 * packet's bytes.
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
