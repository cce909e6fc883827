/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The controller: one process that goes on doing what commands do once. It probes what is to be
 * probed, writes what comes of it into the store, takes slow starts on, and follows the
 * next hops of backends.
 *
 * It is a peer of the commands, under the same lock, and has no state of its own that
 * matters: what it knows is read again whenever somebody has committed something, and
 * when it dies nothing that flows changes. Waiting it holds no lock; all that is due is done
 * in one go, and committed at once.
 *
 * It does not print: what happened, and what went wrong, is told to its owner.
 */
#ifndef CONTROLLER_CONTROLLER_H
#define CONTROLLER_CONTROLLER_H

#include <stdbool.h>

#include "base/condition.h"
#include "lb/abi.h"

struct loop;

struct controller_callbacks {
	void *owner;
	/* Before its first work: whoever lives on its loop as well may begin. An error ends it. */
	int (*started)(void *owner, struct loop *loop);
	/* And has to end before the loop does. */
	void (*stopping)(void *owner);
	/* It looked whether something is to be done; ready: it has done all of its work once. */
	void (*ticked)(void *owner, bool is_ready);
	void (*event)(void *owner, const struct lb_event *event);
	/* An error of this host, negative errno or a store_condition, that it will try to outlive. */
	void (*report_failure)(void *owner, const char *what, int error);
};

enum controller_end {
	CONTROLLER_STOPPED = CONDITION_CONTROLLER, /* by a signal */
	CONTROLLER_DETACHED, /* the instance is no more */
};

/*
 * Runs until SIGTERM or SIGINT; SIGHUP has it begin anew. Returns a controller_end, a negative
 * errno, or a store_condition: STORE_LOCKED when the instance has another controller.
 */
int controller_run(const char *instance, const struct controller_callbacks *callbacks);

#endif
