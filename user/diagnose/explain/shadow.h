/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The twin of an attached program: the same code, loaded for one process alone, on copies of
 * the instance's tables. A packet given to it meets what it would meet at the attached one, and
 * nothing of that is seen, changed or counted outside. That the code is the same is
 * not assumed: the kernel's tags of both programs are compared.
 *
 * The twin's counters begin at 0: after a packet they tell what became of it. Functions
 * return 0, a negative errno, or a shadow_condition.
 */
#ifndef DIAGNOSE_EXPLAIN_SHADOW_H
#define DIAGNOSE_EXPLAIN_SHADOW_H

#include "base/condition.h"
#include "store/store.h"

struct balancer;

enum shadow_condition {
	SHADOW_DIFFERS = CONDITION_SHADOW, /* another lbctl's program is attached */
};

/* Room for what becomes of a packet: outer headers included. */
#define SHADOW_FRAME_BYTES 256

struct shadow {
	struct balancer *balancer;
	struct store
		store; /* the copies, for those who read a store; has no lock and no snapshots */
};

/* What came of a packet. */
struct shadow_result {
	__u32 verdict; /* XDP_* */
	unsigned char frame[SHADOW_FRAME_BYTES]; /* as it leaves */
	size_t bytes;
	struct lb_explain_notes notes;
};

/* The twin of the program that `attached` is a file descriptor of. Closed by the caller. */
int shadow_open(struct shadow *shadow, const struct store *store, int attached);
void shadow_close(struct shadow *shadow);

/* Gives it a packet as if `ifindex` had received it. */
int shadow_run(struct shadow *shadow, __u32 ifindex, const void *frame, size_t bytes,
	       struct shadow_result *result);

#endif
