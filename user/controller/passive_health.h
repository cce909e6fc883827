/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signs: what the beginnings of flows say of a backend's health, between two checks. Who
 * answers nobody, or resets all that come, while others of its service answer, is
 * suspected, and checked at once.
 *
 * A sign never takes anybody out; only checks do. For clients make signs, and could make
 * false ones: SYNs from addresses that are not theirs, or with broken checksums, seem
 * unanswered wherever they go. So all that comes of a sign is that the next check is sooner
 * (prober_suspect() tells how often at the most); who passes that stays what it is. And what
 * troubles all of a service's backends alike tells nothing of one: it is held against the others.
 *
 * The evidence is the flows begun since somebody was last answered. An answer ends it, but
 * where resets outnumber answers eight to one. So it takes no longer for being rare, and
 * one flow in eight that is answered keeps a backend from being suspected.
 *
 * Pure: owns nothing. Times are CLOCK_MONOTONIC's.
 */
#ifndef CONTROLLER_PASSIVE_HEALTH_H
#define CONTROLLER_PASSIVE_HEALTH_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/latency.h"

/* What is remembered of a backend from look to look; all 0 at first. */
struct passive_health {
	bool is_known; /* has been looked at before */
	__u32 begun, answered, refused; /* as they were counted at the last look */
	__u32 attempts; /* flows begun since somebody was last answered, */
	__u32 resets; /* those of them that were reset, */
	__u64 evidence_ms; /* and the look that saw enough of them; 0 = none did */
	__u64 answered_ms; /* the last look that saw an answer; 0 = none did */
};

enum passive_health_verdict {
	PASSIVE_NONE,
	PASSIVE_UNANSWERED, /* nobody is answered */
	PASSIVE_REFUSED, /* (almost) everybody is reset */
};

/* Looks at what has been counted of a backend by now. */
void passive_health_update(struct passive_health *passive_health, const struct lb_latency *counted,
			   __u64 now_ms);

/* What the signs say of one of a service's backends, held against the others. */
enum passive_health_verdict passive_health_evaluate(const struct passive_health *pool, size_t count,
						    size_t which, __u64 now_ms);

#endif
