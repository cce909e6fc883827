/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Purge: deletes flow entries and client entries that a change makes invalid. These are
 * entries of deleted services and backends, before their ids are reused, and entries of
 * services with changed persistence.
 */
#ifndef STORE_PURGE_H
#define STORE_PURGE_H

#include <stdbool.h>

struct store;

/*
 * Needs the store open for writing, and no packet that uses the old configuration.
 * `persist_changed` marks, by service id, the services with changed persistence.
 */
void purge_stale(struct store *store, const bool *persist_changed);

#endif
