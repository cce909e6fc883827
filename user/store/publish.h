/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Publishing: the configuration, compiled into the tables that packets read.
 *
 * What packets are reading is never written: slot tables and the directory are
 * built in the copy not in use, before the commit, and switched to by one store
 * each, after it. So whatever may fail does so while nothing has changed. An RCU
 * grace period after the switch no packet uses what was before; then flows of what
 * is gone are forgotten, and the generation counts as published.
 *
 * Both steps need the store open for writing, and return 0 or a negative errno.
 */
#ifndef STORE_PUBLISH_H
#define STORE_PUBLISH_H

#include <stdbool.h>

#include "lb/abi.h"
#include "store/rcu_grace.h"

struct store;

/* What is about to be published. */
struct publication {
	struct store *store;
	struct rcu_grace grace;
	bool *service_touched; /* by id */
	bool *persist_changed; /* by id: what stays with its backends is another */
	bool endpoints_changed; /* the directory is to be rebuilt */
	bool is_recovery; /* the configuration that holds may not be what packets see */
	bool needs_purge; /* a service or backend is gone, or what was remembered for it */
	__u32 *slots; /* by service id: index of the slot table to use */
	__u64 endpoints; /* the word that makes packets use it */
	__u64 filter[LB_FILTER_WORDS]; /* what goes with it */
};

/*
 * Builds what the writer's copy makes different from the configuration that holds;
 * with `everything`, all of it, trusting nothing that is in the tables.
 */
int publish_prepare(struct publication *publication, struct store *store, bool everything);

/* Lets packets see it, once it is committed. On failure the next writer tries again. */
int publish_activate(struct publication *publication);

void publish_release(struct publication *publication);

#endif
