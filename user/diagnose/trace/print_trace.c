// SPDX-License-Identifier: GPL-2.0-only
/* Packets that were seen to leave, a line each, as text and as JSON. */
#include <net/if.h>
#include <stdio.h>
#include <time.h>

#include "base/address.h"
#include "diagnose/trace/print_trace.h"
#include "diagnose/trace/trace_record.h"
#include "model/outcome.h"
#include "view/json.h"

/* A sighting in words; "" where something is not known. */
struct words {
	char time[32];
	char interface[IF_NAMESIZE];
	char client[ENDPOINT_TEXT_BYTES];
	char backend[ENDPOINT_TEXT_BYTES];
	const char *service;
};

static void put_time(char *text, size_t size, __u64 time_ns)
{
	time_t seconds = time_ns / 1000000000;
	struct tm parts;
	size_t length;

	localtime_r(&seconds, &parts);
	length = strftime(text, size, "%H:%M:%S", &parts);
	snprintf(text + length, size - length, ".%06u",
		 (unsigned int)(time_ns % 1000000000 / 1000));
}

static struct words find_words(const struct sighting *sighting)
{
	const struct lb_backend_config *backend = sighting->backend;
	const struct endpoint *client = &sighting->client;
	struct words words = {.service = sighting->service ? sighting->service->name : ""};

	put_time(words.time, sizeof(words.time), sighting->time_ns);
	if (!if_indextoname(sighting->trace->ingress, words.interface))
		snprintf(words.interface, sizeof(words.interface), "%u", sighting->trace->ingress);
	if (client->protocol)
		endpoint_format(client->address, client->port, words.client, sizeof(words.client));
	if (backend)
		endpoint_format(backend->address, backend->port, words.backend,
				sizeof(words.backend));
	return words;
}

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

static void print_text(const struct sighting *sighting)
{
	struct words words = find_words(sighting);
	const struct lb_trace *trace = sighting->trace;

	printf("%s %s %s %s client %s service %s backend %s bytes %u cpu %u\n", words.time,
	       words.interface, outcome_name(trace->outcome), verdict_name(trace->verdict),
	       or_dash(words.client), or_dash(words.service), or_dash(words.backend), trace->bytes,
	       trace->cpu);
}

static json_t *record_json(const struct sighting *sighting)
{
	struct words words = find_words(sighting);
	const struct lb_trace *trace = sighting->trace;

	return json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:i, s:i}", "time_ns",
			 (json_int_t)sighting->time_ns, "interface", words.interface, "outcome",
			 outcome_name(trace->outcome), "verdict", verdict_name(trace->verdict),
			 "client", json_text_or_null(words.client), "service",
			 json_text_or_null(words.service), "backend",
			 json_text_or_null(words.backend), "bytes", trace->bytes, "cpu",
			 trace->cpu);
}

void print_trace_record(const struct output *out, const struct sighting *sighting)
{
	if (out->json)
		json_print_line(out, record_json(sighting));
	else if (!out->quiet)
		print_text(sighting);
}
