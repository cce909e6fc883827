/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The roster: whom to probe. Backends of many services that are the same to a probe (address,
 * port, check, and way there) are one target, and probed once.
 *
 * The roster owns its targets, with the probes and timers that whoever probes hangs on
 * them; a target that is no more wanted lets go of both. The store is only read.
 */
#ifndef CONTROLLER_TARGETS_H
#define CONTROLLER_TARGETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/loop.h"
#include "lb/limits.h"
#include "model/check_parse.h"
#include "probe/engine.h"

struct store;

#define SUSPECT_REASON_BYTES 56

struct check_target {
	char text[CHECK_TEXT_BYTES]; /* the check, as it stands in the configuration */
	struct check check;
	struct probe_target dest;
	char service[LB_NAME_BYTES]; /* the first that it belongs to */
	__u32 *backends; /* their ids */
	size_t count;

	/* Of whoever probes. */
	void *owner;
	struct probe *probe; /* NULL unless one is running */
	struct loop_timer *timer; /* until the next, or NULL */
	__u64 began_ms; /* the last probe */
	struct probe_report report; /* what came of it, */
	bool result_ready; /* and is not yet written to the store */
	bool is_due; /* the next waits for its turn, */
	struct check_target *next_due; /* and this one for the turn after it */
	__u32 delay_ms; /* from its beginning to the next */
	char suspect_reason
		[SUSPECT_REASON_BYTES]; /* it is suspected, and in a hurry to be probed; "" = it is not */
	bool is_consistent; /* the one before agreed with its backends' health */
	bool last_passed; /* and this is what it said */
};

struct targets {
	struct check_target **list;
	size_t count;
};

/*
 * Makes the roster what the store has to be probed: all of it, or one service (0 = any), or one
 * backend of it (0 = any). Targets that were there before stay as they are. Returns 0, or a
 * negative errno and a roster that may lack some.
 */
int targets_update(struct targets *targets, const struct store *store, __u32 service,
		   __u32 backend);

void targets_release(struct targets *targets);

#endif
