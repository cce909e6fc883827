/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shadow copy of an attached program, for dry runs of test packets: the same code, loaded for
 * this process only, on copies of the instance's tables. A packet gets the decision that it
 * would get in the attached program, and changes and counts nothing outside. The kernel's tags
 * of both programs are compared, to be sure that the code is the same.
 *
 * The shadow's counters of outcomes and backends start at 0. After a packet they show what
 * happened to it. Functions return 0, a negative errno, or a shadow_condition.
 */
#ifndef DIAGNOSE_EXPLAIN_SHADOW_H
#define DIAGNOSE_EXPLAIN_SHADOW_H

#include "base/condition.h"
#include "store/store.h"

struct balancer;

enum shadow_condition {
	SHADOW_DIFFERS =
		CONDITION_SHADOW, /* the attached program is that of another lbctl version */
};

/* Room for a test packet with outer headers. */
#define SHADOW_FRAME_BYTES 256

struct shadow {
	struct balancer *balancer;
	struct store store; /* the copies; without lock and snapshots */
};

/* Result of a test packet. */
struct shadow_result {
	__u32 verdict; /* XDP_* */
	unsigned char frame[SHADOW_FRAME_BYTES]; /* the packet as sent */
	size_t bytes;
	struct lb_explain_notes notes;
};

/* Opens a shadow of the program with descriptor `attached`. The caller closes the shadow. */
int shadow_open(struct shadow *shadow, const struct store *store, int attached);
void shadow_close(struct shadow *shadow);

/* Runs the shadow on a packet as if `ifindex` had received it. */
int shadow_run(struct shadow *shadow, __u32 ifindex, const void *frame, size_t bytes,
	       struct shadow_result *result);

#endif
