/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events: the last LB_EVENTS things that changed, when, and why, in a ring beside the
 * configuration. Every commit is compared with what was before and notes what it made
 * different, whoever it is by: operators' commands and the controller need not.
 *
 * All of it needs the store open, to note for writing.
 */
#ifndef STORE_EVENT_LOG_H
#define STORE_EVENT_LOG_H

#include "lb/abi.h"

struct store;

/* Notes what just was committed. */
void event_log_compare(struct store *store);

/* Notes something that no commit tells; of `backend`, or of none (0), of `service`, or of none. */
__attribute__((format(printf, 5, 6))) void event_log_add(struct store *store,
							 enum lb_event_kind kind, __u32 service,
							 __u32 backend, const char *format, ...);

/* By numbers from 0, of which the next to be noted is event_log_count(); NULL: not kept any more. */
__u64 event_log_count(const struct store *store);
const struct lb_event *event_log_get(const struct store *store, __u64 number);

/* "backend-added" */
const char *event_kind_name(__u8 kind);

#endif
