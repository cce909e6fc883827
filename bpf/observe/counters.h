/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters: packets by outcome, each one once, and traffic between clients and each backend. Each
 * CPU has a record of its own, so no counter needs an atomic operation.
 */
#ifndef BPF_OBSERVE_COUNTERS_H
#define BPF_OBSERVE_COUNTERS_H

#include "core/action.h"
#include "core/maps.h"

/* Ends the processing of a packet: counts its outcome. Returns ACTION_VERDICT. */
static __always_inline struct action finish(struct lb_cpu *cpu, enum lb_outcome outcome,
					    __u32 verdict)
{
	cpu->outcomes.count[outcome]++;
	return action_verdict(outcome, verdict);
}

/*
 * Counts a packet from a client to a backend; `bytes` is the length of IP header and payload. The
 * id is checked here, because the verifier may have lost its bounds.
 */
static __always_inline void count_request(struct lb_cpu *cpu, __u32 backend, __u32 bytes,
					  bool is_new_flow)
{
	struct lb_traffic *sums;

	barrier_var(backend);
	if (backend >= max_backends)
		return;
	sums = &cpu->traffic[backend];
	sums->packets++;
	sums->bytes += bytes;
	if (unlikely(is_new_flow))
		sums->new_flows++;
}

/* Likewise, from a backend to a client. */
static __always_inline void count_reply(struct lb_cpu *cpu, __u32 backend, __u32 bytes)
{
	struct lb_traffic *sums;

	barrier_var(backend);
	if (backend >= max_backends)
		return;
	sums = &cpu->traffic[backend];
	sums->reply_packets++;
	sums->reply_bytes += bytes;
}

#endif
