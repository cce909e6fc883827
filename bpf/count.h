/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is counted: every packet once by its outcome, and what passes between
 * clients and a backend by that backend. Per CPU, so that no line is shared.
 */
#ifndef LB_BPF_COUNT_H
#define LB_BPF_COUNT_H

#include "map.h"

/* The one way out of the program. */
static __always_inline int leave(enum lb_outcome outcome, int verdict)
{
	struct lb_outcomes *sums = map_get(&outcomes, 0);

	if (sums)
		sums->count[outcome]++;
	return verdict;
}

static __always_inline void count_request(__u32 backend, __u32 bytes, bool new_flow)
{
	struct lb_traffic *sums = map_get(&traffic, backend);

	if (!sums)
		return;
	sums->packets++;
	sums->bytes += bytes;
	sums->new_flows += new_flow;
}

static __always_inline void count_reply(__u32 backend, __u32 bytes)
{
	struct lb_traffic *sums = map_get(&traffic, backend);

	if (!sums)
		return;
	sums->reply_packets++;
	sums->reply_bytes += bytes;
}

#endif
