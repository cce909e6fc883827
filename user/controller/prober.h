/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prober: schedules the probes of all targets. A report waits until the owner has the store open
 * and calls prober_write(), which also determines the time of the next probe.
 *
 * Probes start in batches, and the loop handles responses between two batches. Otherwise a
 * controller with too little CPU time would start probes until the first ones have timed out,
 * and mistake its own delay for a failure of the backends.
 */
#ifndef CONTROLLER_PROBER_H
#define CONTROLLER_PROBER_H

#include "controller/targets.h"

struct prober {
	struct loop *loop;
	struct probe_engine *engine;
	struct targets targets;
	struct loop_idle *batch_work; /* starts the probes of the queue */
	struct check_target *first, **last; /* queue of due targets */
	bool has_results; /* reports wait for prober_write() */
	__u64 due_ms; /* when they should be written */

	/* Set by the owner before prober_open(). */
	void *owner;
	void (*result_ready)(void *owner); /* due_ms was set, or is earlier than before */
	void (*report_failure)(void *owner, int error); /* this host cannot start a probe */
};

/* Returns 0 or a negative errno. The loop must outlive the prober. */
int prober_open(struct prober *prober, struct loop *loop);
void prober_close(struct prober *prober);

/* Takes over the targets of the store. Returns 0 or a negative errno. */
int prober_update(struct prober *prober, const struct store *store);

/* Writes reports to a store that is open for writing, and schedules the next probes. */
void prober_write(struct prober *prober, struct store *store);

/*
 * Handles a passive failure: probes the backend's target at once, then at short intervals until it
 * passes or is down. Returns false if that is not sooner than the check's own schedule.
 */
bool prober_probe_now(struct prober *prober, __u32 backend, const char *passive_reason);

/* Cancels all probes and discards all targets until prober_update(). */
void prober_reset(struct prober *prober);

#endif
