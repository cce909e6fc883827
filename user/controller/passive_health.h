/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Passive checks: judge a backend by connection attempts of clients between two active checks. A
 * backend fails passively if it answers no attempt, or resets almost all, while other
 * backends of its service answer. It is then checked at once.
 *
 * A passive failure never marks a backend down; it only triggers an active check. Clients can forge
 * the evidence: SYNs with spoofed source addresses or broken checksums stay unanswered at
 * any backend. PASSIVE_MONITOR_PAUSE_MS limits the rate of triggered checks. A problem of all
 * backends is no evidence against one, so a failure requires another backend that answers.
 *
 * The evidence is the attempts since the last answered one. An answer clears it, unless resets
 * outnumber answers 8 to 1 in the same poll. A low rate of attempts therefore still accumulates
 * evidence, and 1 answer per 8 attempts prevents a failure.
 *
 * Pure: owns nothing. Times are CLOCK_MONOTONIC.
 */
#ifndef CONTROLLER_PASSIVE_HEALTH_H
#define CONTROLLER_PASSIVE_HEALTH_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/latency.h"

/* State of a backend between two polls; all 0 at first. */
struct passive_health {
	bool is_known; /* polled before */
	__u32 begun, answered, refused; /* counters at the last poll */
	__u32 attempts; /* flows begun since the last answered one */
	__u32 resets; /* those of them that were reset */
	__u64 evidence_ms; /* the poll with sufficient evidence; 0 = none */
	__u64 answered_ms; /* the last poll with an answer; 0 = none */
};

enum passive_health_verdict {
	PASSIVE_NONE,
	PASSIVE_UNANSWERED, /* no attempt is answered */
	PASSIVE_REFUSED, /* at least 7 of 8 attempts are reset */
};

/* Updates the state with the current counters of the backend. */
void passive_health_update(struct passive_health *passive_health, const struct lb_latency *counted,
			   __u64 now_ms);

/* Returns the verdict on backend `which` of a service, compared with the other backends. */
enum passive_health_verdict passive_health_evaluate(const struct passive_health *pool, size_t count,
						    size_t which, __u64 now_ms);

#endif
