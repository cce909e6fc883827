/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event log: the last LB_EVENTS changes, with time and reason, in a ring beside the
 * configuration.
 *
 * Each commit records what it changes, from its diff. Commands and the controller only add
 * events that no diff shows. All functions need the store open, those that add for writing.
 */
#ifndef STORE_EVENT_LOG_H
#define STORE_EVENT_LOG_H

#include "store/config_diff.h"

/* Records what a commit changed, after the commit. */
void event_log_record(struct store *store, const struct config_diff *diff);

/* Adds an event about a service (0 = none), and one of its backends (0 = none). */
__attribute__((format(printf, 5, 6))) void event_log_add(struct store *store,
							 enum lb_event_kind kind, __u32 service,
							 __u32 backend, const char *format, ...);

/* The number of events so far, which is also the number of the next one. */
__u64 event_log_count(const struct store *store);

/* An event by its number, from 0. NULL if it has been overwritten, or is still to come. */
const struct lb_event *event_log_get(const struct store *store, __u64 number);

/* "backend-added"; "?" for an unknown kind. */
const char *event_kind_name(__u8 kind);

#endif
