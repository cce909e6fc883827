// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows are formatted by hand: there may be millions, and table and JSON libraries would build all
 * of them in memory first, at 15 to 20 us per row. No text in a row needs an escape.
 */
#include <stdio.h>
#include <string.h>

#include "commands/print_flows.h"
#include "view/json.h"

#define ROW_BYTES     640
#define CLIENT_WIDTH  21
#define STATE_WIDTH   11
#define SECONDS_WIDTH 10

/* The row that is being written; long enough for all fields. */
struct row {
	char text[ROW_BYTES];
	size_t length;
};

static void put(struct row *row, const char *text)
{
	size_t length = strlen(text);

	memcpy(row->text + row->length, text, length);
	row->length += length;
}

static void pad(struct row *row, size_t length)
{
	memset(row->text + row->length, ' ', length);
	row->length += length;
}

/* Aligned left, and followed by a blank. */
static void put_padded(struct row *row, const char *text, size_t width)
{
	size_t length = strlen(text);

	put(row, text);
	pad(row, length < width ? width - length + 1 : 1);
}

static void put_number(struct row *row, __u64 number)
{
	char digits[20];
	size_t first = sizeof(digits);

	do
		digits[--first] = '0' + number % 10;
	while (number /= 10);
	memcpy(row->text + row->length, digits + first, sizeof(digits) - first);
	row->length += sizeof(digits) - first;
}

/* Aligned right: "12.3s". */
static void put_seconds(struct row *row, __u64 ms, size_t width)
{
	__u64 tenths = (ms + 50) / 100;
	struct row number = {.length = 0};

	put_number(&number, tenths / 10);
	put(&number, ".");
	put_number(&number, tenths % 10);
	put(&number, "s");
	number.text[number.length] = '\0';
	pad(row, number.length < width ? width - number.length : 0);
	put(row, number.text);
}

static void print_row(const struct row *row)
{
	fwrite_unlocked(row->text, row->length, 1, stdout);
}

static void print_text(const struct flow_row *flow, size_t number)
{
	struct row row = {.length = 0};

	if (!number)
		printf("%-*s %-*s %-*s %-8s %-*s %*s %*s\n", CLIENT_WIDTH, "CLIENT",
		       (int)flow->service_width, "SERVICE", (int)flow->backend_width, "BACKEND",
		       "PROTOCOL", STATE_WIDTH, "STATE", SECONDS_WIDTH, "AGE", SECONDS_WIDTH,
		       "IDLE");
	put_padded(&row, flow->client, CLIENT_WIDTH);
	put_padded(&row, flow->service, flow->service_width);
	put_padded(&row, flow->backend, flow->backend_width);
	put_padded(&row, flow->protocol, strlen("PROTOCOL"));
	put_padded(&row, flow->state, STATE_WIDTH);
	put_seconds(&row, flow->age_ms, SECONDS_WIDTH);
	put(&row, " ");
	put_seconds(&row, flow->idle_ms, SECONDS_WIDTH);
	put(&row, "\n");
	print_row(&row);
}

/* The texts around the values. */
static const char *const compact[] = {
	"{\"client\":\"", "\",\"service\":\"", "\",\"backend\":\"", "\",\"protocol\":\"",
	"\",\"age_ms\":", ",\"idle_ms\":",     ",\"state\":\"",	    "\"}"};
static const char *const pretty[] = {"\n  {\n    \"client\": \"", "\",\n    \"service\": \"",
				     "\",\n    \"backend\": \"",  "\",\n    \"protocol\": \"",
				     "\",\n    \"age_ms\": ",	  ",\n    \"idle_ms\": ",
				     ",\n    \"state\": \"",	  "\"\n  }"};

static void print_json(const struct output *out, const struct flow_row *flow, size_t number)
{
	const char *const *key = out->pretty ? pretty : compact;
	const char *const texts[] = {flow->client, flow->service, flow->backend, flow->protocol};
	struct row row = {.length = 0};

	put(&row, number ? "," : "[");
	for (size_t i = 0; i < 4; i++) {
		put(&row, *key++);
		put(&row, texts[i]);
	}
	put(&row, *key++);
	put_number(&row, flow->age_ms);
	put(&row, *key++);
	put_number(&row, flow->idle_ms);
	put(&row, *key++);
	put(&row, flow->state);
	put(&row, *key);
	print_row(&row);
}

void print_flow(const struct output *out, const struct flow_row *flow, size_t number)
{
	if (out->quiet)
		return;
	if (out->json)
		print_json(out, flow, number);
	else
		print_text(flow, number);
}

void print_flows_end(const struct output *out, size_t count)
{
	if (out->json)
		json_print_end(out, count);
}

void print_flow_count(const struct output *out, size_t count)
{
	if (out->json)
		json_print(out, json_pack("{s:I}", "flows", (json_int_t)count));
	else if (!out->quiet)
		printf("%zu\n", count);
}
