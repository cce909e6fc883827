/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rates of traffic counters: the increase between two samples, per second.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_TRAFFIC_RATE_H
#define MODEL_TRAFFIC_RATE_H

#include "lb/abi.h"

/* Of a backend or service, per second. */
struct traffic_rate {
	double packets; /* towards backends */
	double bytes;
	double reply_packets;
	double reply_bytes;
	double new_flows;
};

/* Returns all 0 if a counter was reset in between. `before` NULL: the counters began at 0. */
struct traffic_rate traffic_rate_since(const struct lb_traffic *now,
				       const struct lb_traffic *before, double seconds);

/* The same for one counter. */
double counter_rate_since(__u64 now, __u64 before, double seconds);

#endif
