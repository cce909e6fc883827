/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is counted: every packet once by its outcome, and what passes between
 * clients and a backend by that backend. Each CPU counts in a record of its own.
 */
#ifndef BPF_OBSERVE_COUNTERS_H
#define BPF_OBSERVE_COUNTERS_H

#include "packet/packet.h"

/*
 * The one way out of the program. Off the straight way the outcome is told with the verdict,
 * for whoever watches: see path/trace.h.
 */
static __always_inline int finish(const struct packet *packet, enum lb_outcome outcome, int verdict)
{
	packet->cpu->outcomes.count[outcome]++;
	return packet->is_fast_path ? verdict : (int)(outcome << 16) | verdict;
}

/* The verdict of what left off the straight way. */
static __always_inline int verdict_of(__u32 result)
{
	return result & 0xff;
}

static __always_inline struct lb_traffic *traffic_of(const struct packet *packet, __u32 backend)
{
	return &packet->cpu->traffic[backend];
}

static __always_inline void count_request(const struct packet *packet, __u32 backend, bool is_new)
{
	struct lb_traffic *sums = traffic_of(packet, backend);

	sums->packets++;
	sums->bytes += packet_bytes(packet);
	if (unlikely(is_new))
		sums->new_flows++;
}

/* The same, for an id whose bounds the verifier may have lost from sight. */
static __always_inline void count_request_bounded(const struct packet *packet, __u32 backend,
						  bool is_new)
{
	barrier_var(backend);
	if (backend < max_backends)
		count_request(packet, backend, is_new);
}

static __always_inline void count_reply(const struct packet *packet, __u32 backend)
{
	struct lb_traffic *sums = traffic_of(packet, backend);

	sums->reply_packets++;
	sums->reply_bytes += packet_bytes(packet);
}

static __always_inline void count_reply_bounded(const struct packet *packet, __u32 backend)
{
	barrier_var(backend);
	if (backend < max_backends)
		count_reply(packet, backend);
}

#endif
