/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The regulator: latency feedback at work. Once a period it takes from the store what packets
 * have timed of each backend, has the law (feedback/law.h) make factors of it, and writes
 * them back: for services with feedback on, to what weights are multiplied by; with
 * observe, only to be shown.
 *
 * It owns what the law remembers, and goes on from the store's factors where another
 * controller ended. All of it needs the store open for writing; factors that weights
 * go by then wait for a commit.
 */
#ifndef CONTROLLER_FEEDBACK_LOOP_H
#define CONTROLLER_FEEDBACK_LOOP_H

#include <stdbool.h>

#include "feedback/law.h"
#include "lb/latency.h"

struct store;

/* What is remembered of a backend, by id, and of whom it is. */
struct feedback_loop_backend {
	__u64 address[2];
	__be16 port;
	__u16 service; /* 0 = nothing is remembered */
	struct feedback_backend law;
	struct lb_latency previous; /* what packets had timed by the last step */
};

struct feedback_loop {
	struct feedback_loop_backend *backends; /* by id; NULL until some service has feedback */
	struct feedback *services; /* by id */
	struct feedback_backend *members; /* of one service, while it steps */
	struct feedback_window *windows;
	__u32 *ids;
	bool is_enabled; /* some service has feedback */
};

/* Whose latency is to be followed, as the store has it now. 0, or a negative errno. */
int feedback_loop_update(struct feedback_loop *feedback_loop, const struct store *store);

/* One step of all services that want it. Times are CLOCK_MONOTONIC's. */
void feedback_loop_step(struct feedback_loop *feedback_loop, struct store *store, __u64 now_ns);

void feedback_loop_release(struct feedback_loop *feedback_loop);

#endif
