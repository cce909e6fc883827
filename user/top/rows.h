/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One sample of `top`: services, each followed by its backends, and outcomes. The collector fills
 * in counters; rows_update() computes rates and response times since the previous sample.
 *
 * Owns its rows. Pure: uses no clock and no maps.
 */
#ifndef TOP_ROWS_H
#define TOP_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/abi.h"
#include "model/latency.h"
#include "model/traffic_rate.h"
#include "top/sparkline.h"

#define ROWS_ATTACHED_BYTES 160

/* Backend id of the row of spilled traffic. */
#define ROWS_SPILLED 0xffffffffU

/* A service, one of its backends, or its spilled traffic. */
struct rows_entry {
	/* Sampled values. */
	__u32 service; /* id */
	__u32 backend; /* id, or ROWS_SPILLED; 0 = the service itself */
	char name[LB_NAME_BYTES]; /* of the service */
	char spill[LB_NAME_BYTES]; /* of ROWS_SPILLED: the spillover service */
	__u64 address[2];
	__be16 port;
	__u8 protocol;
	__u8 state; /* of a backend, like the next three */
	__u8 health;
	double weight;
	double effective_weight;
	bool fails_open; /* of a service, like the next two */
	__u32 backends;
	__u32 serving; /* backends that get new flows */
	__u64 flows;
	struct lb_traffic traffic;
	struct lb_latency latency;

	/* Values of the interval. */
	struct traffic_rate rate;
	struct latency_stats times;
	struct sparkline sparkline; /* of medians */

	bool is_folded; /* of a service: its backends are hidden */
};

struct rows {
	char instance[64];
	char attached[ROWS_ATTACHED_BYTES]; /* "front (native), back (native)" */
	__u64 generation;
	__u32 controller; /* process id; 0 = none */
	struct rows_entry *entries;
	size_t count;
	struct lb_outcomes outcomes;

	double seconds; /* since the previous sample; 0 = there is none */
	struct traffic_rate total;
	__u64 flows;
	bool has_latency; /* any request was sampled, now or before */
	double outcome_rate[LB_OUTCOME_COUNT];
	bool outcome_seen[LB_OUTCOME_COUNT]; /* since the first sample */
};

/* Allocates empty rows. Returns 0 or -ENOMEM. */
int rows_reserve(struct rows *rows, size_t entries);
void rows_release(struct rows *rows);

/* Computes rates since `before`, which has no rows if this is the first sample. */
void rows_update(struct rows *rows, const struct rows *before, double seconds);

#endif
