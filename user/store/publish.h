/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Publishing: compiles a configuration into the datapath's tables, and switches packets to
 * them.
 *
 *   publish_prepare()
 *     1. Mark what the change affects.
 *     2. Build the slot tables of touched services, each in its unused copy.
 *     3. Build the endpoint table in its unused copy.
 *   publish_commit()
 *     4. Add 1 to the generation: one store, which commits the working copy.
 *   publish_activate()
 *     5. Write the records of touched services and their backends in place.
 *     6. Count the flows of backends that are counted from now on.
 *     7. Switch to the new copies, by one store each.
 *     8. Wait for an RCU grace period: no packet uses the old copies any more.
 *     9. Drop what only the switch needed.
 *    10. Purge flows and clients of deleted services and backends; wait again, so that no
 *        packet uses their ids when they are reused.
 *    11. Set lb_control.published to the generation.
 *
 * Copies that packets read are never written. Whatever can fail for lack of memory fails in
 * steps 1 to 3, when nothing has changed. A process killed before step 4 leaves the old
 * configuration; one killed after it leaves a committed configuration, which the next
 * writer publishes with publish_recover().
 *
 * All of it needs the store open for writing. Functions return 0 or a negative errno.
 */
#ifndef STORE_PUBLISH_H
#define STORE_PUBLISH_H

#include "store/config_diff.h"
#include "store/publication.h"

/* The diff must outlive the publication. The caller releases the publication in any case. */
int publish_prepare(struct publication *publication, struct store *store,
		    const struct config_diff *diff);

struct committed publish_commit(struct publication *publication);

/* On failure the next writer publishes again. */
int publish_activate(struct committed committed);

void publish_release(struct publication *publication);

/*
 * Publishes the committed configuration as a whole: the tables may hold anything that a
 * killed writer left. `diff` has no changes, but the weights of all pools.
 */
int publish_recover(struct store *store, const struct config_diff *diff);

#endif
