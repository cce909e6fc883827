/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the rest of fragmented packets goes: a table of the datapath's own.
 */
#ifndef LB_FRAGMENT_H
#define LB_FRAGMENT_H

#include <linux/types.h>

#include "lb/limits.h"

/*
 * fragments: ARRAY of 1, unread by userspace. Whom the rest of a fragmented packet goes
 * to; bpf/flow/fragment_table.h says what a word holds. Each is read and written at once.
 */
struct lb_fragments {
	__u64 entry[LB_FRAGMENT_LINES][LB_LINE_FRAGMENTS];
};

#endif
