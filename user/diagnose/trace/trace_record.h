/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decodes a record of a traced packet: client, service and backend. The program does not record
 * them; they are looked up by the packet's addresses in the configuration, the flow table and
 * the SNAT ports. What these do not determine (such as the backend of an untracked flow) is unknown.
 *
 * A decoded record points into the store and the trace record.
 */
#ifndef DIAGNOSE_TRACE_TRACE_RECORD_H
#define DIAGNOSE_TRACE_TRACE_RECORD_H

#include "base/address.h"
#include "lb/trace.h"
#include "store/store.h"

struct trace_record {
	const struct lb_trace *trace;
	__u64 time_ns; /* since 1970 */
	struct endpoint client; /* all zero = unknown */
	/* 0 or NULL = unknown */
	__u32 service_id;
	__u32 backend_id;
	const struct lb_service_config *service;
	const struct lb_backend_config *backend;
};

/* Which packets a session prints; 0 in a field = any. */
struct trace_filter {
	__u32 service;
	__u32 backend;
	__u64 client[2];
	__u32 client_bits; /* prefix length, of 128 in the ABI's form */
	__u64 outcomes; /* one bit per enum lb_outcome */
	__u32 sample; /* trace 1 in `sample` packets */
};

void trace_record_make(struct trace_record *trace_record, const struct store *store,
		       const struct lb_trace *trace, __u64 time_ns);

/* True if the record matches service, backend and client of the filter. */
bool trace_record_matches(const struct trace_record *trace_record,
			  const struct trace_filter *filter);

/* Writes the part of the filter that the program applies: it does not know flows' backends. */
void trace_filter_write(const struct trace_filter *filter, const struct store *store,
			struct lb_trace_filter *bpf_filter);

#endif
