/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Controller (`lbctl run`): main loop of health checks, slow starts, next-hop tracking and
 * latency feedback.
 *
 * The controller uses the store under the same lock as the commands, and its state is
 * expendable. It reads the configuration again after every commit, and forwarding continues
 * unchanged if it dies. It holds no lock while it waits. All work that is due is done and committed
 * in one transaction.
 *
 * It does not print: events and failures go to its owner's callbacks.
 */
#ifndef CONTROLLER_CONTROLLER_H
#define CONTROLLER_CONTROLLER_H

#include <stdbool.h>

#include "base/condition.h"
#include "lb/abi.h"

struct loop;

struct controller_callbacks {
	void *owner;
	/* Before the first work: other users of the loop may start. A non-zero value ends the run. */
	int (*started)(void *owner, struct loop *loop);
	/* Before the loop is freed: other users of the loop must stop. */
	void (*stopping)(void *owner);
	/* On every tick. Ready: all work has been done at least once. */
	void (*ticked)(void *owner, bool is_ready);
	void (*event)(void *owner, const struct lb_event *event);
	/* A failure that is retried: a negative errno or a store_condition. */
	void (*report_failure)(void *owner, const char *what, int error);
};

enum controller_end {
	CONTROLLER_STOPPED = CONDITION_CONTROLLER, /* by SIGTERM or SIGINT */
	CONTROLLER_DETACHED, /* the instance no longer exists */
};

/*
 * Runs until SIGTERM, SIGINT or detach; SIGHUP restarts all probes. Returns a controller_end, a
 * negative errno, or a store_condition: STORE_LOCKED if the instance has another controller.
 */
int controller_run(const char *instance, const struct controller_callbacks *callbacks);

#endif
