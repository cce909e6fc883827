/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events: what changed, and is kept for `lbctl events`. One list serves the ABI's numbers
 * and the names that are shown.
 *
 * X(SYMBOL, name)
 */
#ifndef LB_EVENT_H
#define LB_EVENT_H

#define LB_EVENT_KINDS(X) \
	X(SERVICE_ADDED, "service-added") \
	X(SERVICE_CHANGED, "service-changed") \
	X(SERVICE_DELETED, "service-deleted") \
	X(BACKEND_ADDED, "backend-added") \
	X(BACKEND_CHANGED, "backend-changed") \
	X(BACKEND_DELETED, "backend-deleted") \
	X(WEIGHT, "weight") \
	X(STATE, "state") \
	X(UP, "up") \
	X(DOWN, "down") \
	X(UNKNOWN, "unknown") \
	X(FAIL_OPEN, "fail-open") \
	X(RECOVERED, "recovered") \
	X(SLOW_START, "slow-start") \
	X(NEIGHBOUR, "neighbour") \
	X(FEEDBACK, "feedback") \
	X(CONTROLLER, "controller")

enum lb_event_kind {
#define X(symbol, name) LB_EVENT_##symbol,
	LB_EVENT_KINDS(X)
#undef X
	LB_EVENT_KIND_COUNT
};

#endif
