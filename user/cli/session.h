/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session: what the commands on services, backends and flows have in common.
 * Opens the store, finds what the words mean, commits and answers; whatever goes
 * wrong is recorded as the call's problem, and its exit code returned.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "base/address.h"
#include "cli/command.h"
#include "store/transaction.h"
#include "view/view.h"

int session_open(struct call *call, struct store *store, enum store_access access);

/*
 * Has an operator changed something since the caller has looked (--if-generation)? An instance
 * that is not there yet is of revision 0.
 */
int session_check_revision(struct call *call, __u64 revision);

/* What a command does with the open store; returns the exit code. */
typedef int (*session_fn)(struct call *call, struct store *store);

/* The same, with the view of it. */
typedef int (*session_view_fn)(struct call *call, const struct store *store,
			       const struct view *view);

/* Opens the store, has the work done, and closes it again. */
int session_run(struct call *call, enum store_access access, session_fn fn);

/* Opens the store to read, gathers the view, has it looked at, and releases both. */
int session_run_view(struct call *call, session_view_fn view_fn);

/* For those who keep the view longer than the store; the caller releases both. */
int session_open_view(struct call *call, struct store *store, struct view *view);

/* SERVICE: a name, or ADDR:PORT/PROTO. */
int session_find_service(struct call *call, const struct store *store, const char *text, __u32 *id);

/* BACKEND of a service: ADDR[:PORT]. */
int session_find_backend(struct call *call, const struct store *store, __u32 service,
			 const char *text, __u32 *id);

/* Refuses, naming how many, when flows are alive and --force was not given. */
int session_check_no_flows(struct call *call, const struct store *store, __u32 service,
			   __u32 backend);

/* Refuses to remove a service that another one spills to. */
int session_check_no_spill(struct call *call, const struct store *store, __u32 service);

/*
 * Commits the working copy; with --dry-run, only compares it. *changed: it differs from the
 * committed configuration.
 */
int session_commit(struct call *call, struct store *store, bool *changed);

#endif
