/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What commands on services, backends and flows share: opening the store, lookup of arguments,
 * commit and answer. Functions return 0, or the exit code of the problem that they record in the
 * call.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "base/address.h"
#include "cli/command.h"
#include "store/transaction.h"
#include "view/view.h"

int session_open(struct call *call, struct store *store, enum store_access access);

/*
 * Fails if --if-generation is given and differs from `revision`. The revision of an instance that
 * does not exist yet is 0.
 */
int session_check_revision(struct call *call, __u64 revision);

/* The part of a command that works on the open store. Returns the exit code. */
typedef int (*session_fn)(struct call *call, struct store *store);

/* The same with the view of the store. */
typedef int (*session_view_fn)(struct call *call, const struct store *store,
			       const struct view *view);

/* Opens the store, calls `fn` and closes the store. Returns the exit code. */
int session_run(struct call *call, enum store_access access, session_fn fn);

/* Opens the store for reading, collects the view, calls `view_fn`, and releases both. */
int session_run_view(struct call *call, session_view_fn view_fn);

/* On success the caller closes the store and releases the view. */
int session_open_view(struct call *call, struct store *store, struct view *view);

/* Finds SERVICE: a name, or ADDR:PORT/PROTO. */
int session_find_service(struct call *call, const struct store *store, const char *text, __u32 *id);

/* Finds BACKEND of a service: ADDR[:PORT]. */
int session_find_backend(struct call *call, const struct store *store, __u32 service,
			 const char *text, __u32 *id);

/* Finds the SERVICE and BACKEND of the call's arguments. The id of a missing one is 0. */
int session_find_arguments(struct call *call, const struct store *store, __u32 *service,
			   __u32 *backend);

/* Fails if the service has no health check, which is needed to become healthy. */
int session_require_check(struct call *call, const struct store *store, __u32 service);

/* Fails if the service or backend has active flows, unless --force is given. */
int session_check_no_flows(struct call *call, const struct store *store, __u32 service,
			   __u32 backend);

/* Refuses to remove a service that another one spills to. */
int session_check_no_spill(struct call *call, const struct store *store, __u32 service);

/*
 * Commits the working copy; with --dry-run, only compares it. *changed: the working copy differs
 * from the current configuration.
 */
int session_commit(struct call *call, struct store *store, bool *changed);

#endif
