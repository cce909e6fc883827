/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events: changes that are recorded for `lbctl events`. One list serves the ABI's numbers and the
 * names that are shown.
 *
 * X(SYMBOL, name)
 */
#ifndef LB_EVENT_H
#define LB_EVENT_H

#include <linux/types.h>

#include "lb/limits.h"

#define LB_EVENT_KINDS(X) \
	X(SERVICE_ADDED, "service-added") /* a service was added */ \
	X(SERVICE_CHANGED, "service-changed") /* settings of a service changed */ \
	X(SERVICE_DELETED, "service-deleted") /* a service was deleted */ \
	X(BACKEND_ADDED, "backend-added") /* a backend was added */ \
	X(BACKEND_CHANGED, "backend-changed") /* settings of a backend changed */ \
	X(BACKEND_DELETED, "backend-deleted") /* a backend was deleted */ \
	X(WEIGHT, "weight") /* the weight of a backend was overridden, or the override removed */ \
	X(STATE, "state") /* the administrative state of a backend changed */ \
	X(UP, "up") /* a backend was marked up */ \
	X(DOWN, "down") /* a backend was marked down */ \
	X(UNKNOWN, "unknown") /* the health of a backend is no longer known */ \
	X(FAIL_OPEN, "fail-open") /* all backends of a service are down: health is ignored */ \
	X(RECOVERED, "recovered") /* a service no longer fails open */ \
	X(SLOW_START, "slow-start") /* a slow start began */ \
	X(NEIGHBOUR, "neighbour") /* the next hop of a backend changed or is missing */ \
	X(FEEDBACK, "feedback") /* reserved for latency feedback */ \
	X(CONTROLLER, "controller") /* a controller started or ended */ \
	X(PASSIVE_FAILURE, "passive-failure") /* connection attempts failed: checked at once */

enum lb_event_kind {
#define X(symbol, name) LB_EVENT_##symbol,
	LB_EVENT_KINDS(X)
#undef X
	LB_EVENT_KIND_COUNT
};

/*
 * events: ARRAY of LB_EVENTS, mapped by userspace, unread by packets: a ring of the last events.
 * lb_control.events is the number of all events so far. Written under the lock.
 */
struct lb_event {
	__u64 time_ms; /* CLOCK_REALTIME */
	__u64 address[2]; /* of the backend */
	__be16 port;
	__u8 kind; /* enum lb_event_kind */
	__u8 zero0;
	__u16 service; /* ids at that time; 0 = none */
	__u16 backend;
	char name[LB_NAME_BYTES]; /* of the service */
	char text[LB_EVENT_TEXT_BYTES]; /* what and why */
};

_Static_assert(sizeof(struct lb_event) == 256, "no padding");

#endif
