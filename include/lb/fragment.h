/* SPDX-License-Identifier: GPL-2.0-only */
/* Fragment table: destinations of later fragments. Only the datapath uses it. */
#ifndef LB_FRAGMENT_H
#define LB_FRAGMENT_H

#include <linux/types.h>

#include "lb/limits.h"

/*
 * fragments: ARRAY of 1, unread by userspace. A word for each fragmented packet, as described in
 * bpf/flow/fragment_table.h. A word is read by one load, and written by one store.
 */
struct lb_fragments {
	__u64 entry[LB_FRAGMENT_LINES][LB_LINE_FRAGMENTS];
};

#endif
