/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints traced packets, one line each, as text or JSON. */
#ifndef DIAGNOSE_TRACE_PRINT_TRACE_H
#define DIAGNOSE_TRACE_PRINT_TRACE_H

#include "base/output.h"

struct trace_record;

void print_trace_record(const struct output *out, const struct trace_record *trace_record);

#endif
