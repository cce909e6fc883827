/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Latency feedback loop: runs the control law (feedback/law.h) once per period. It reads the
 * measured response times of each backend from the store, computes weight factors, and writes
 * them back. With feedback `on` the factors multiply the weights; with `observe` they are
 * only shown.
 *
 * It owns the state of the law, and continues from the factors in the store after a restart of the
 * controller. Every function needs the store open for writing. New factors take effect with
 * the next commit.
 */
#ifndef CONTROLLER_FEEDBACK_LOOP_H
#define CONTROLLER_FEEDBACK_LOOP_H

#include <stdbool.h>

#include "feedback/law.h"
#include "lb/latency.h"

struct store;

/* State of a backend, and the identity that it is valid for. */
struct feedback_loop_backend {
	__u64 address[2];
	__be16 port;
	__u16 service; /* 0 = no state */
	struct feedback_backend law;
	struct lb_latency previous; /* counters at the last step */
};

struct feedback_loop {
	struct feedback_loop_backend *backends; /* by id; NULL until a service has feedback */
	struct feedback *services; /* by id */
	struct feedback_backend *members; /* of one service, during its step */
	struct feedback_window *windows;
	__u32 *ids;
	bool is_enabled; /* a service has feedback */
};

/* Takes over the services and backends of the store. Returns 0 or a negative errno. */
int feedback_loop_update(struct feedback_loop *feedback_loop, const struct store *store);

/* Runs one step for each service with feedback. Times are CLOCK_MONOTONIC. */
void feedback_loop_step(struct feedback_loop *feedback_loop, struct store *store, __u64 now_ns);

void feedback_loop_release(struct feedback_loop *feedback_loop);

#endif
