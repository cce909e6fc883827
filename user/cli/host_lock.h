/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Host-wide lock: instances are created and removed one at a time on the whole host. The lock
 * is that of STORE_ROOT, the directory of all pins.
 *
 * `root` is the locked directory, or -1. Functions return 0, or the exit code of call->problem.
 */
#ifndef CLI_HOST_LOCK_H
#define CLI_HOST_LOCK_H

#include "cli/command.h"

/* Fails if there is no instance at all. */
int host_lock(struct call *call, int *root);

/* Creates STORE_ROOT if it does not exist. With --dry-run, `root` may stay -1. */
int host_lock_create(struct call *call, int *root);

/* Locks again, if possible, after host_unlock(): the last instance may have been removed. */
void host_relock(const struct call *call, int *root);

/* Unlocks, and removes STORE_ROOT if no instance is left. */
void host_unlock(const int *root);
#define _unlock_ __attribute__((cleanup(host_unlock)))

#endif
