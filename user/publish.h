/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Publishing: the configuration, compiled into the tables that packets read.
 *
 * What packets are reading is never written: slot tables and the directory are
 * built in the copy not in use and switched to by one store each. An RCU grace
 * period later no packet uses what was before; then flows of what is gone are
 * forgotten, and the generation counts as published.
 *
 * Both need the store open for writing. Return 0 or a negative errno, after which
 * the generation stays unpublished and the next writer tries again.
 */
#ifndef PUBLISH_H
#define PUBLISH_H

struct store;

/* What the last commit changed. */
int publish_changes(struct store *store);

/* Everything, trusting nothing that is in the tables. */
int publish_all(struct store *store);

#endif
