/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transactions: the way to open a store, and to change its configuration.
 *
 * A writer edits the working copy, store->config, and commits it: one store to the
 * generation makes it the configuration, and the datapath's tables are compiled from it
 * (store/publish.h). When the commit returns, no packet uses the old configuration. A
 * process killed before that one store leaves the configuration unchanged. If it is killed
 * after it, the next process to open the store publishes the change.
 *
 * A commit derives what follows from an edit (aliases, results that are no longer valid), so
 * that no caller can forget it. It makes one diff, from which everything else works.
 *
 * Functions return 0, a negative errno, or a condition: a store_condition from opening, a
 * spillover_condition or edit_condition from preparing.
 */
#ifndef STORE_TRANSACTION_H
#define STORE_TRANSACTION_H

#include "store/config_diff.h"
#include "store/spillover.h"
#include "store/store.h"

/*
 * Opens an instance for reading or writing. Waits up to `timeout_ms` for the lock. A reader
 * finds the committed configuration in store->config, a writer its working copy.
 */
int store_open(struct store *store, const char *instance, enum store_access access,
	       __u64 timeout_ms);

/* As store_open() for writing, on an instance that exists only in memory. 0 or -ENOMEM. */
int store_open_scratch(struct store *store, const struct lb_control *limits);

/*
 * Releases the lock of a store that is open for writing, and keeps it mapped, because mapping
 * takes longer than most changes. Until store_resume(), only counters may be read.
 */
void store_pause(struct store *store);

/*
 * Locks again, with a new working copy. Returns as store_open(). On failure the store is
 * closed, except with STORE_LOCKED.
 */
int store_resume(struct store *store, __u64 timeout_ms);

/* A change that is about to be committed. */
struct transaction {
	struct store *store;
	struct config_diff diff;
	struct spillover_conflict conflict; /* what a condition is about */
};

/*
 * Derives what follows from the edits, and compares the working copy with the committed
 * configuration. `force` ends the flows of aliases that go. The working copy must not be
 * edited afterwards. The caller releases the transaction in any case.
 */
int transaction_prepare(struct transaction *transaction, struct store *store, bool force);

/* Commits and publishes; does nothing if there are no changes. */
int transaction_commit(struct transaction *transaction);

void transaction_release(struct transaction *transaction);

/* All three, without force. *changed: the commit changed something. */
int store_commit(struct store *store, bool *changed);

#endif
