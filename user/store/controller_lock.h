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

struct controller_lock {
	int pins; /* the pin directory */
	int controller; /* the controller's, locked */
	struct lb_control *control;
};

/* Becomes the controller; STORE_LOCKED while there is another. */
int controller_lock_acquire(struct controller_lock *lock, const char *instance);
void controller_lock_release(struct controller_lock *lock);

/* The configuration's generation: another one, and something has been committed. */
__u64 controller_lock_generation(const struct controller_lock *lock);

/* Is the instance no more? */
bool controller_lock_instance_is_gone(const struct controller_lock *lock);

#endif
