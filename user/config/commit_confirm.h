/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commit-confirm: an apply is rolled back unless it is confirmed in time, in case the change cuts
 * the operator's own connection.
 *
 * A process without a terminal waits for the confirmation. It does not hold the lock. It keeps
 * the previous configuration as text.
 */
#ifndef CONFIG_COMMIT_CONFIRM_H
#define CONFIG_COMMIT_CONFIRM_H

#include "cli/command.h"
#include "store/store.h"

struct confirm {
	char *previous_config; /* to roll back to; NULL = there was no instance */
	const char *interfaces[COMMAND_ARGUMENTS_MAX]; /* attached by this apply */
	size_t interface_count;
	__u64 timeout_ms;
};

/* Is an apply waiting for a confirmation? */
bool confirm_is_pending(const struct store *store);

/*
 * Starts the process that waits. The caller holds the lock for writing, and commits afterwards: the
 * process first looks at the store when the lock is free. Returns 0 or a negative errno.
 */
int confirm_start(const struct call *call, struct store *store, const struct confirm *confirm);

/* Confirms. Returns false if no apply was waiting. */
bool confirm_accept(struct store *store);

#endif
