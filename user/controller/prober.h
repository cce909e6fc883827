/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The prober: probes all that the store has to be probed, over and over, each target when
 * it is time. What comes of it waits until its owner has the store open, and only
 * then is it known when the next probe is due.
 *
 * Probes begin in batches, and answers are looked for after each. Otherwise a controller that
 * gets too little of a processor would be busy beginning probes until the first have timed out,
 * and take its own lateness for that of its backends.
 */
#ifndef CONTROLLER_PROBER_H
#define CONTROLLER_PROBER_H

#include "controller/targets.h"

struct prober {
	struct loop *loop;
	struct probe_engine *engine;
	struct targets targets;
	struct loop_idle *batch_work; /* to begin the probes that are due, */
	struct check_target *first, **last; /* in this order */
	bool has_results; /* something is waiting to be written, */
	__u64 due_ms; /* and should be then */

	/* Set by the owner, before anything is probed. */
	void *owner;
	void (*result_ready)(void *owner); /* called when due_ms is earlier than it was */
	void (*report_failure)(void *owner, int error); /* this host cannot probe */
};

/* 0, or a negative errno. The loop must outlive the prober. */
int prober_open(struct prober *prober, struct loop *loop);
void prober_close(struct prober *prober);

/* Probes what the store has to be probed now. 0, or a negative errno. */
int prober_update(struct prober *prober, const struct store *store);

/* Writes what came of probes to a store that is open for writing. */
void prober_write(struct prober *prober, struct store *store);

/*
 * A backend is suspected: its target is probed at once, and again soon until it passes or is
 * down. False when that would be no sooner than it is anyway.
 */
bool prober_suspect(struct prober *prober, __u32 backend, const char *suspect_reason);

/* Forgets whatever is under way, until prober_update(). */
void prober_reset(struct prober *prober);

#endif
