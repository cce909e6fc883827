/* SPDX-License-Identifier: GPL-2.0-only */
/* Packet trace (`lbctl trace`): filter and record. Notes on a test packet (`lbctl explain`). */
#ifndef LB_TRACE_H
#define LB_TRACE_H

#include <linux/types.h>

#include "lb/outcome.h"

/* Bits of lb_trace_filter.addresses. */
#define LB_TRACE_FILTER_WORDS	   64U
#define LB_TRACE_FILTER_WORD(hash) ((__u32)((hash) >> 58))
#define LB_TRACE_FILTER_BIT(hash)  ((hash) >> 52 & 63)

/*
 * trace_filter: ARRAY of 1, mapped by userspace. What a traced packet must match, by its own data;
 * a field of 0 matches all. The tracer writes it, each word by one store, before it sets
 * lb_control.tracing and during the trace; packets count `lost`.
 */
struct lb_trace_filter {
	__u64 client[2]; /* prefix that includes source or destination, */
	__u32 client_bits; /* and its length, of 128 bits in the ABI's form */
	__u32 by_address; /* source or destination is one of `addresses` */
	__u64 outcomes; /* a bit for each enum lb_outcome */
	__u64 lost; /* records without room in the ring buffer */
	__u32 until; /* tick at which the tracer's lease ends, unless renewed */
	__u32 sample; /* one in N packets is traced */
	__u64 addresses[LB_TRACE_FILTER_WORDS]; /* a bit for each, by lb_address_hash() */
};

/* Bytes of a packet in a record, at most. */
#define LB_TRACE_BYTES 128U

/* traces: RINGBUF of these. Packets write them as they leave; the tracer reads them. */
struct lb_trace {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 ingress; /* interface index */
	__u32 cpu;
	__u32 bytes; /* of the whole frame */
	__u32 captured; /* bytes of it below */
	__u8 outcome; /* enum lb_outcome */
	__u8 verdict; /* XDP_* */
	__u8 zero[6];
	__u8 packet[LB_TRACE_BYTES];
};

/* Slots that a selection notes, at most. */
#define LB_EXPLAIN_SLOTS 4U

/*
 * Notes of a program run by `lbctl explain`, on what its tables do not show. Not in a map of the
 * instance, only in one of that run.
 */
struct lb_explain_notes {
	__u32 slots; /* read */
	__u32 slot[LB_EXPLAIN_SLOTS];
	__u32 by_hash; /* the slot was selected by hash: neither in order nor at random */
	__u32 fib_called; /* the kernel's FIB was queried, with this result: */
	__s32 fib_result; /* BPF_FIB_LKUP_RET_*, or a negative errno */
	__u32 nexthop_device; /* interface index */
	__u32 nexthop_mtu;
};

_Static_assert(sizeof(struct lb_trace_filter) == 48 + 8 * LB_TRACE_FILTER_WORDS, "no padding");
_Static_assert(sizeof(struct lb_trace) == 32 + LB_TRACE_BYTES, "no padding");
_Static_assert(LB_OUTCOME_COUNT <= 64, "a bit for each in lb_trace_filter.outcomes");

#endif
