/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rates: what counters gained between two looks at them, a second; and numbers of any
 * size in few columns, for where room is scarce.
 *
 * Pure: owns nothing.
 */
#ifndef BASE_HUMAN_H
#define BASE_HUMAN_H

#include <stddef.h>

#include "lb/abi.h"

#define HUMAN_TEXT_BYTES 16

/* Of a backend or service, a second. */
struct rate {
	double packets; /* towards backends */
	double bytes;
	double reply_packets;
	double reply_bytes;
	double new_flows;
};

/* All is 0 where the counters began anew in between; without `before` they began at 0. */
struct rate rate_since(const struct lb_traffic *now, const struct lb_traffic *before,
		       double seconds);

/* The same of one counter. */
double rate_per_second(__u64 now, __u64 before, double seconds);

/* "0.3", "950", "12.3k", "1.2M": never more than five columns. Returns the text. */
const char *human_format(double value, char text[HUMAN_TEXT_BYTES]);

/* The name at an index, as of an enum; "?" beyond the end. */
const char *name_of(const char *const *names, size_t count, size_t index);

#endif
