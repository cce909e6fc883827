/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Controller lock: makes one process the controller of an instance, and shows which it is.
 *
 * The controller locks a directory of its own among the pins for its lifetime, and writes its
 * process id into lb_control.controller (base/owner_word.h). It is alive if the directory is
 * locked and the owner word is set. It needs no lock of the store to watch the instance.
 *
 * Functions return 0, a negative errno, or a store_condition.
 */
#ifndef STORE_CONTROLLER_LOCK_H
#define STORE_CONTROLLER_LOCK_H

#include <linux/types.h>
#include <stdbool.h>

struct lb_control;
struct store;

struct controller_lock {
	int pins; /* the pin directory */
	int controller; /* the controller's directory, locked */
	struct lb_control *control;
};

/* Becomes the controller. STORE_LOCKED: the instance has one. */
int controller_lock_acquire(struct controller_lock *lock, const char *instance);
void controller_lock_release(struct controller_lock *lock);

/* The generation of the configuration, which each commit changes. */
__u64 controller_lock_generation(const struct controller_lock *lock);

/* True if the instance was removed. */
bool controller_lock_instance_is_gone(const struct controller_lock *lock);

/* The process id of the instance's controller. 0 = none is running. */
__u32 store_controller_pid(const struct store *store);

#endif
