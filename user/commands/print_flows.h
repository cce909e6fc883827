/* SPDX-License-Identifier: GPL-2.0-only */
/* Flows, as text and as JSON, row by row as they are found. */
#ifndef COMMANDS_PRINT_FLOWS_H
#define COMMANDS_PRINT_FLOWS_H

#include "base/address.h"
#include "base/output.h"

/* One remembered flow, in words, and how wide those of any flow may be. */
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

/* `number` counts from 0; after the last one comes the end, also of none. */
void print_flow(const struct output *out, const struct flow_row *flow, size_t number);
void print_flows_end(const struct output *out, size_t count);

void print_flow_count(const struct output *out, size_t count);

#endif
