/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Forgetting: what the datapath remembers of flows and clients, and must not after a
 * change. Of what is gone, before its ids are given to others; and of a service that has
 * another way of keeping clients than before.
 *
 * Needs a writing store, and that no packet uses what was before.
 */
#ifndef STORE_PURGE_H
#define STORE_PURGE_H

#include <stdbool.h>

struct store;

/* `persist_changed` tells by service id whether what stays with its backends is another now. */
void purge_stale(struct store *store, const bool *persist_changed);

#endif
