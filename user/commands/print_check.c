// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdio.h>

#include "base/address.h"
#include "commands/print_check.h"
#include "model/backend_flags.h"
#include "view/json.h"

static void print_row(const struct check_row *row, size_t number)
{
	const struct probe_report *report = row->report;
	char endpoint[ENDPOINT_TEXT_BYTES];

	if (!number)
		printf("%-20s %-24s %-7s %-6s %11s REASON\n", "SERVICE", "BACKEND", "HEALTH",
		       "PROBE", "TIME");
	endpoint_format(row->backend->address, row->backend->port, endpoint, sizeof(endpoint));
	printf("%-20s %-24s %-7s %-6s %6u.%u ms %s\n", row->service->name, endpoint,
	       health_name(row->backend->health), report->passed ? "passed" : "failed",
	       report->total_us / 1000, report->total_us / 100 % 10, report->reason);
}

static json_t *row_json(const struct check_row *row)
{
	char address[ADDRESS_TEXT_BYTES];

	address_format(row->backend->address, address, sizeof(address));
	return json_pack("{s:s, s:s, s:i, s:s, s:b, s:s, s:i, s:I}", "service", row->service->name,
			 "address", address, "port", ntohs(row->backend->port), "health",
			 health_name(row->backend->health), "passed", row->report->passed, "reason",
			 row->report->reason, "consecutive", row->health_record->streak, "time_us",
			 (json_int_t)row->report->total_us);
}

void print_check(const struct output *out, const struct check_row *row, size_t number)
{
	if (out->json)
		json_print_element(out, row_json(row), number);
	else if (!out->quiet)
		print_row(row, number);
}

void print_checks_end(const struct output *out, size_t count)
{
	if (out->json)
		json_print_end(out, count);
	else if (!count && !out->quiet)
		puts("no service has a health check (lbctl service set SERVICE --check tcp)");
}
