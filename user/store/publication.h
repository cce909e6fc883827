/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Publication: one change of the configuration on its way to the packets. Types only; the
 * order of its steps is in store/publish.h.
 */
#ifndef STORE_PUBLICATION_H
#define STORE_PUBLICATION_H

#include <stdbool.h>

#include "lb/abi.h"
#include "store/rcu_grace.h"

struct config_diff;
struct store;

struct publication {
	struct store *store;
	const struct config_diff *diff;
	struct rcu_grace grace;
	bool is_recovery; /* packets may see something else than the committed configuration */

	/* Step 1: what the change affects. */
	bool *service_touched; /* by id: its slot table and records are written */
	bool *persist_changed; /* by id: what stays with a backend differs */
	bool endpoints_changed; /* the endpoint table is rebuilt */
	bool needs_purge; /* flows or clients lose their service or backend */

	/* Steps 2 and 3: the copies that packets do not use yet. */
	__u32 *slots; /* by service id: index of the slot table to use */
	__u64 endpoints; /* lb_control.endpoints: the endpoint table to use */
	__u64 filter[LB_FILTER_WORDS]; /* the endpoint filter that belongs to it */

	/* Step 5: backends with counted flows. */
	__u32 counted;
	bool counted_touched; /* one of them belongs to a touched service */
};

/* A publication of a committed configuration. publish_commit() makes it. */
struct committed {
	struct publication *publication;
};

#endif
