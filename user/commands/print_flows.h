/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints flows as text or JSON, row by row as they are found. */
#ifndef COMMANDS_PRINT_FLOWS_H
#define COMMANDS_PRINT_FLOWS_H

#include "base/address.h"
#include "base/output.h"

/* A tracked flow as text, and the column widths of all flows. */
struct flow_row {
	char client[ENDPOINT_TEXT_BYTES];
	const char *service;
	const char *backend;
	const char *protocol;
	const char *state;
	__u64 age_ms;
	__u64 idle_ms;
	size_t service_width;
	size_t backend_width;
};

/* `number` counts from 0. print_flows_end() follows the last flow, or no flow at all. */
void print_flow(const struct output *out, const struct flow_row *flow, size_t number);
void print_flows_end(const struct output *out, size_t count);

void print_flow_count(const struct output *out, size_t count);

#endif
