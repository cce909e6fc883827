/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A service's slot table, from what is configured: built in the copy that is not in use,
 * as the successor of the one that is.
 */
#ifndef STORE_SLOT_TABLE_H
#define STORE_SLOT_TABLE_H

#include "model/slot_order.h"
#include "store/publish.h"

/*
 * Builds the other table of a service that is in use, and sets next->slots to the one that
 * packets shall use. `shares` has room for all backends. Returns 0 or a negative errno.
 */
int slot_table_write(struct publication *next, __u32 service, struct slot_share *shares);

/* Writes to the service's record what packets are to know beforehand of the table to come. */
void slot_table_announce(const struct publication *next, __u32 service);

/*
 * Once no packet uses the table before: its service's record may forget that, and where
 * there has not been any packet yet, nobody's flows are to be asked for.
 */
void slot_table_finish(const struct publication *next, __u32 service);

#endif
