/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watching an instance without holding its lock, as its controller does, of which there is
 * one: it has the lock of a directory of its own among the pins, for as long as it lives,
 * however it ends, and its testament is in the instance. Who looks whether that is locked,
 * and whether the testament still names it, knows whether it is alive.
 *
 * Functions return 0, a negative errno, or a store_condition.
 */
#ifndef STORE_CONTROLLER_LOCK_H
#define STORE_CONTROLLER_LOCK_H

#include <linux/types.h>
#include <stdbool.h>

struct lb_control;

struct store_watch {
	int pins; /* the pin directory */
	int controller; /* the controller's, locked */
	struct lb_control *control;
};

/* Becomes the controller; STORE_LOCKED while there is another. */
int store_watch_begin(struct store_watch *watch, const char *instance);
void store_watch_end(struct store_watch *watch);

/* The configuration's generation: another one, and something has been committed. */
__u64 store_watch_generation(const struct store_watch *watch);

/* Is the instance no more? */
bool store_watch_is_gone(const struct store_watch *watch);

#endif
