/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compiler: writes services, backends and endpoints of a configuration as the datapath's
 * tables have them. Slot tables are in store/slot_table.h.
 */
#ifndef STORE_COMPILE_H
#define STORE_COMPILE_H

#include "store/publication.h"

/*
 * Builds the unused copy of the endpoint table, and the filter that belongs to it. Returns 0
 * or a negative errno.
 */
int compile_endpoints(struct publication *publication);

/*
 * Writes the records of a service and of its backends, aliases included, in place. Adds to
 * publication->counted.
 */
void compile_service(struct publication *publication, __u32 service);

/* Takes the backends that are removed out of publication->counted. */
void compile_removed_backends(struct publication *publication);

#endif
