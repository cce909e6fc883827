/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The board: what `top` shows, as of one sample: services, each followed by its backends, and
 * what became of packets. Who gathers it fills in what was read; what is told by two
 * samples, rates and times of the interval, comes of following the board before.
 *
 * Owns its rows. Pure: no clock, no maps.
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

/* In place of a backend's id: what goes to another service's backends. */
#define ROWS_SPILLED 0xffffffffU

/* A service, or one of its backends, or what it spills. */
struct rows_entry {
	/* As read. */
	__u32 service; /* id */
	__u32 backend; /* id, or ROWS_SPILLED; 0: it is the service itself */
	char name[LB_NAME_BYTES]; /* of the service */
	char spill[LB_NAME_BYTES]; /* of ROWS_SPILLED: the other service */
	__u64 address[2];
	__be16 port;
	__u8 protocol;
	__u8 state; /* of a backend, as the next three */
	__u8 health;
	double weight;
	double effective_weight;
	bool fails_open; /* of a service, as the next two */
	__u32 backends;
	__u32 serving; /* of these, who get new flows */
	__u64 flows;
	struct lb_traffic traffic;
	struct lb_latency latency;

	/* Of the interval. */
	struct traffic_rate rate;
	struct latency_stats times;
	struct sparkline sparkline; /* of the median */

	bool is_folded; /* of a service: its backends are not shown */
};

struct rows {
	char instance[64];
	char attached[ROWS_ATTACHED_BYTES]; /* "front (native), back (native)" */
	__u64 generation;
	__u32 controller; /* process id; 0 = none */
	struct rows_entry *entries;
	size_t count;
	struct lb_outcomes outcomes;

	double seconds; /* since the board before; 0: there is none */
	struct traffic_rate total;
	__u64 flows;
	bool has_latency; /* answers of somebody were */
	double outcome_rate[LB_OUTCOME_COUNT];
	bool outcome_seen[LB_OUTCOME_COUNT]; /* it happened since the first board */
};

/* Room for so many rows, all of them empty; 0 or -ENOMEM. */
int rows_reserve(struct rows *rows, size_t entries);
void rows_release(struct rows *rows);

/* Works out what is told by two samples; before->seconds may be 0, and it may have no rows. */
void rows_update(struct rows *rows, const struct rows *before, double seconds);

#endif
