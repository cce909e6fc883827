/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probe targets: the backends to probe, deduplicated over services. Backends with the same address,
 * port, check, and forwarding path are one target and are probed once.
 *
 * The list owns its targets, and the probe and timer of each. Removing a target cancels both.
 * The store is only read.
 */
#ifndef CONTROLLER_TARGETS_H
#define CONTROLLER_TARGETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/loop.h"
#include "lb/limits.h"
#include "model/check_spec.h"
#include "probe/engine.h"

struct store;

#define PASSIVE_REASON_BYTES 56

struct check_target {
	char text[CHECK_TEXT_BYTES]; /* the check as configured */
	struct check check;
	struct probe_target dest;
	char service[LB_NAME_BYTES]; /* name of the first backend's service */
	__u32 *backends; /* ids */
	size_t count;

	/* Used by the prober. */
	void *owner;
	struct probe *probe; /* NULL unless one is running */
	struct loop_timer *timer; /* of the next probe; may be NULL */
	__u64 began_ms; /* start of the last probe */
	struct probe_report report; /* of the last probe */
	bool result_ready; /* the report is not yet written to the store */
	bool is_due; /* in the queue of due targets */
	struct check_target *next_due; /* in the queue */
	__u32 delay_ms; /* from began_ms to the next probe */
	char passive_reason[PASSIVE_REASON_BYTES]; /* passive failure; "" = none */
	bool is_consistent; /* the last written report agreed with the backends' health */
	bool last_passed; /* the last written report */
};

struct targets {
	struct check_target **list;
	size_t count;
};

/*
 * Updates the list to the backends of the store: all, or of one service (0 = any), or one backend
 * (0 = any). Existing targets keep their state. Returns 0, or a negative errno with a list that
 * may be incomplete.
 */
int targets_update(struct targets *targets, const struct store *store, __u32 service,
		   __u32 backend);

/* True if the backend has an active check: its service has one, and it is not an alias. */
bool targets_is_checked(const struct store *store, __u32 backend);

void targets_release(struct targets *targets);

#endif
