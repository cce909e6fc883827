// SPDX-License-Identifier: GPL-2.0-only
/* Prints traced packets, one line each, as text or JSON. */
#include <net/if.h>
#include <stdio.h>
#include <time.h>

#include "base/address.h"
#include "diagnose/trace/print_trace.h"
#include "diagnose/trace/trace_record.h"
#include "model/outcome.h"
#include "view/json.h"

/* A record as text; "" = unknown. */
struct fields {
	char time[32];
	char interface[IF_NAMESIZE];
	char client[ENDPOINT_TEXT_BYTES];
	char backend[ENDPOINT_TEXT_BYTES];
	const char *service;
};

static void format_time(char *text, size_t size, __u64 time_ns)
{
	time_t seconds = time_ns / 1000000000;
	struct tm parts;
	size_t length;

	localtime_r(&seconds, &parts);
	length = strftime(text, size, "%H:%M:%S", &parts);
	snprintf(text + length, size - length, ".%06u",
		 (unsigned int)(time_ns % 1000000000 / 1000));
}

static struct fields format_fields(const struct trace_record *trace_record)
{
	const struct lb_backend_config *backend = trace_record->backend;
	const struct endpoint *client = &trace_record->client;
	struct fields fields = {.service =
					trace_record->service ? trace_record->service->name : ""};

	format_time(fields.time, sizeof(fields.time), trace_record->time_ns);
	if (!if_indextoname(trace_record->trace->ingress, fields.interface))
		snprintf(fields.interface, sizeof(fields.interface), "%u",
			 trace_record->trace->ingress);
	if (client->protocol)
		endpoint_format(client->address, client->port, fields.client,
				sizeof(fields.client));
	if (backend)
		endpoint_format(backend->address, backend->port, fields.backend,
				sizeof(fields.backend));
	return fields;
}

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

static void print_text(const struct trace_record *trace_record)
{
	struct fields fields = format_fields(trace_record);
	const struct lb_trace *trace = trace_record->trace;

	printf("%s %s %s %s client %s service %s backend %s bytes %u cpu %u\n", fields.time,
	       fields.interface, outcome_name(trace->outcome), verdict_name(trace->verdict),
	       or_dash(fields.client), or_dash(fields.service), or_dash(fields.backend),
	       trace->bytes, trace->cpu);
}

static json_t *record_json(const struct trace_record *trace_record)
{
	struct fields fields = format_fields(trace_record);
	const struct lb_trace *trace = trace_record->trace;

	return json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:i, s:i}", "time_ns",
			 (json_int_t)trace_record->time_ns, "interface", fields.interface,
			 "outcome", outcome_name(trace->outcome), "verdict",
			 verdict_name(trace->verdict), "client", json_text_or_null(fields.client),
			 "service", json_text_or_null(fields.service), "backend",
			 json_text_or_null(fields.backend), "bytes", trace->bytes, "cpu",
			 trace->cpu);
}

void print_trace_record(const struct output *out, const struct trace_record *trace_record)
{
	if (out->json)
		json_print_line(out, record_json(trace_record));
	else if (!out->quiet)
		print_text(trace_record);
}
