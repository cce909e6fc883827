/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the datapath lets be seen of its decisions: of the packets that leave (`lbctl trace`),
 * and of one that never was (`lbctl explain`).
 */
#ifndef LB_TRACE_H
#define LB_TRACE_H

#include <linux/types.h>

#include "lb/outcome.h"

/* Bits of lb_trace_filter.addresses. */
#define LB_TRACE_FILTER_WORDS	   64U
#define LB_TRACE_FILTER_WORD(hash) ((__u32)((hash) >> 58))
#define LB_TRACE_FILTER_BIT(hash)  ((hash) >> 52 & 63)

/*
 * trace_filter: ARRAY of 1, mapped by userspace. Which packets the one who traces wants to see, as far
 * as packets tell by themselves; where a field is 0, it does not matter. Written by him, each
 * word at once, before he sets lb_control.tracing and while he goes on; `lost` is counted by
 * packets.
 */
struct lb_trace_filter {
	__u64 client[2]; /* a prefix that source or destination is of, */
	__u32 client_bits; /* of so many bits, in the 128 of the ABI's form */
	__u32 by_address; /* source or destination is one of `addresses` */
	__u64 outcomes; /* a bit for each enum lb_outcome */
	__u64 lost; /* records for which there was no room */
	__u32 until; /* the tick in which nobody watches any more, unless told otherwise */
	__u32 sample; /* one in so many */
	__u64 addresses[LB_TRACE_FILTER_WORDS]; /* a bit for each, by lb_address_hash() */
};

/* Bytes of a packet that a tracer gets to see. */
#define LB_TRACE_BYTES 128U

/* traces: RINGBUF of these: packets as they leave, written by them, read by who traces. */
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

/* Slots that a choice looks at, at most. */
#define LB_EXPLAIN_SLOTS 4U

/*
 * What a program that is run to explain itself notes, as its tables do not tell it: no map of
 * the instance, but of that run alone.
 */
struct lb_explain_notes {
	__u32 slots; /* looked at */
	__u32 slot[LB_EXPLAIN_SLOTS];
	__u32 by_hash; /* the slot was: neither in turn nor drawn */
	__u32 fib_called; /* of the kernel, who said: */
	__s32 fib_result; /* BPF_FIB_LKUP_RET_*, or a negative errno */
	__u32 nexthop_device; /* interface index */
	__u32 nexthop_mtu;
};

_Static_assert(sizeof(struct lb_trace_filter) == 48 + 8 * LB_TRACE_FILTER_WORDS, "no padding");
_Static_assert(sizeof(struct lb_trace) == 32 + LB_TRACE_BYTES, "no padding");
_Static_assert(LB_OUTCOME_COUNT <= 64, "a bit for each in lb_watch.outcomes");

#endif
