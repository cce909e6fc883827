/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spillover (--spill): flows that a service's own backends cannot take go to the backends of
 * another service.
 *
 * The service has an alias backend for each backend of the other service: a record that
 * packets use like any other (bpf/select/spillover.h), with the state and health of the
 * backend that it stands for. Aliases are derived, by each commit. Operators neither name
 * nor see them.
 */
#ifndef STORE_SPILLOVER_H
#define STORE_SPILLOVER_H

#include "store/store.h"

enum spillover_condition {
	SPILLOVER_NO_TARGET = CONDITION_SPILLOVER, /* no service has the name */
	SPILLOVER_SELF, /* the service spills to itself */
	SPILLOVER_OTHER_KIND, /* the services differ in protocol or IP version */
	SPILLOVER_PERSIST_NONE, /* both have --persist none: replies would be ambiguous */
	SPILLOVER_FLOWS_ALIVE, /* flows on aliases that are to be removed */
};

/* What a condition is about: ids, 0 = none. */
struct spillover_conflict {
	__u32 service; /* the one that spills */
	__u32 target; /* the one it spills to */
	__u32 backend; /* of the target: it can have no alias */
	__u64 flows; /* SPILLOVER_FLOWS_ALIVE: how many */
};

/*
 * Brings the aliases of the working copy up to date. `force` removes aliases even if they
 * have live flows. Returns 0, -ENOMEM, or a condition, also one of edit_condition: about
 * adding an alias of conflict->backend.
 */
int spillover_update(struct store *store, bool force, struct spillover_conflict *conflict);

/* A service that spills to `target`. 0 = none. */
__u32 spillover_source(const struct store *store, __u32 target);

#endif
