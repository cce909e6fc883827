// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/address.h"
#include "commands/print_events.h"
#include "store/event_log.h"
#include "view/json.h"

#define TIME_BYTES 32

/* Local time in text, UTC in JSON. */
static void format_time(__u64 ms, bool utc, char text[TIME_BYTES])
{
	time_t seconds = ms / 1000;
	struct tm parts;
	size_t used;

	if (utc)
		gmtime_r(&seconds, &parts);
	else
		localtime_r(&seconds, &parts);
	used = strftime(text, TIME_BYTES, utc ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &parts);
	snprintf(text + used, TIME_BYTES - used, ".%03u%s", (unsigned int)(ms % 1000),
		 utc ? "Z" : "");
}

void print_event_line(FILE *stream, const struct lb_event *event)
{
	char time[TIME_BYTES], endpoint[ENDPOINT_TEXT_BYTES] = "";

	format_time(event->time_ms, false, time);
	if (event->backend)
		endpoint_format(event->address, event->port, endpoint, sizeof(endpoint));
	fprintf(stream, "%s %s%s%s%s%s%s%s\n", time, event_kind_name(event->kind),
		event->name[0] ? " " : "", event->name, endpoint[0] ? " " : "", endpoint,
		event->text[0] ? ": " : "", event->text);
	fflush(stream);
}

static json_t *event_json(const struct lb_event *event)
{
	char time[TIME_BYTES], address[ADDRESS_TEXT_BYTES];
	json_t *json;

	format_time(event->time_ms, true, time);
	json = json_pack("{s:s, s:s, s:s}", "time", time, "event", event_kind_name(event->kind),
			 "text", event->text);
	if (event->name[0])
		json_object_set_new(json, "service", json_string(event->name));
	if (event->backend) {
		address_format(event->address, address, sizeof(address));
		json_object_set_new(json, "address", json_string(address));
		json_object_set_new(json, "port", json_integer(ntohs(event->port)));
	}
	return json;
}

void print_event(const struct output *out, const struct lb_event *event, bool is_following,
		 size_t number)
{
	if (!out->json && !out->quiet)
		print_event_line(stdout, event);
	else if (out->json && is_following)
		json_print_line(out, event_json(event));
	else if (out->json)
		json_print_element(out, event_json(event), number);
}

void print_events_end(const struct output *out, size_t count)
{
	if (out->json)
		json_print_end(out, count);
}
