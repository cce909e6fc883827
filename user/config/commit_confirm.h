/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Confirmation: what was applied is put back by itself unless somebody confirms in time,
 * for changes made over the network that they may cut.
 *
 * A process of its own waits, without a terminal and without the lock. It holds the
 * instance's configuration of before, as a file.
 */
#ifndef CONFIG_COMMIT_CONFIRM_H
#define CONFIG_COMMIT_CONFIRM_H

#include "cli/command.h"
#include "store/store.h"

struct confirm {
	char *previous_config; /* the configuration to go back to; NULL = there was no instance */
	const char *interfaces[COMMAND_ARGUMENTS_MAX]; /* attached by what was applied */
	size_t interface_count;
	__u64 timeout_ms;
};

/* Does something await a confirmation? */
bool confirm_is_pending(const struct store *store);

/*
 * Starts to wait for one, before what is to be confirmed is committed: who waits looks only when
 * the lock is free again, and goes if it is confirmed by then. 0 or a negative errno.
 */
int confirm_start(const struct call *call, struct store *store, const struct confirm *confirm);

/* Confirms; false if nothing awaited it. */
bool confirm_accept(struct store *store);

#endif
