/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slot table of one service: built from the configuration in the unused copy, as the
 * successor of the table in use.
 */
#ifndef STORE_SLOT_TABLE_H
#define STORE_SLOT_TABLE_H

#include "model/slot_order.h"
#include "store/publication.h"

/*
 * Builds the slot table of a service, and sets publication->slots to the table to use: the
 * new one, or the present one if they are equal. `shares` has room for all backends. Sets
 * publication->endpoints_changed if the service becomes stateless, or no longer is. Returns 0
 * or a negative errno.
 */
int slot_table_build(struct publication *publication, __u32 service, struct slot_share *shares);

/* Writes what packets must find in the service's record before they use the new table. */
void slot_table_announce(const struct publication *publication, __u32 service);

/*
 * Writes the service's record after the last packet has left the old table. Ends the
 * transition at once if the service has had no packet yet: it then has no flows to keep.
 */
void slot_table_finish(const struct publication *publication, __u32 service);

#endif
