/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A sighting: a packet that left, as a tracer got it, and whose it is. That is found out by what
 * it looks like, from the configuration and the flow memory: the program does not say. What
 * they do not tell either (a flow that is not remembered, say) is not known.
 *
 * It points into the store and the record; the rest it owns.
 */
#ifndef DIAGNOSE_TRACE_TRACE_RECORD_H
#define DIAGNOSE_TRACE_TRACE_RECORD_H

#include "base/address.h"
#include "lb/trace.h"
#include "store/store.h"

struct trace_record {
	const struct lb_trace *trace;
	__u64 time_ns; /* since 1970 */
	struct endpoint client; /* all zero = not known */
	/* 0 or NULL = not known */
	__u32 service_id;
	__u32 backend_id;
	const struct lb_service_config *service;
	const struct lb_backend_config *backend;
};

/* What a tracer wants to see; 0 = it does not matter. */
struct trace_filter {
	__u32 service;
	__u32 backend;
	__u64 client[2];
	__u32 client_bits; /* in the 128 of the ABI's form */
	__u64 outcomes; /* a bit for each */
	__u32 sample; /* one in so many */
};

void trace_record_make(struct trace_record *trace_record, const struct store *store,
		       const struct lb_trace *trace, __u64 time_ns);

/* Is it one of those that were asked for? */
bool trace_record_matches(const struct trace_record *trace_record,
			  const struct trace_filter *filter);

/* Tells packets what is wanted, as far as they can tell themselves. */
void trace_filter_write(const struct trace_filter *filter, const struct store *store,
			struct lb_trace_filter *bpf_filter);

#endif
