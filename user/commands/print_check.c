// SPDX-License-Identifier: GPL-2.0-only
/* What checks say of backends, as text and as JSON. */
#include <arpa/inet.h>
#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "base/address.h"
#include "view/print.h"

#define AGE_BYTES 32

/* "12s ago" */
static void format_age(__u64 then_ms, char text[AGE_BYTES])
{
	struct timespec now;
	__u64 now_ms, age_s;

	clock_gettime(CLOCK_REALTIME, &now);
	now_ms = (__u64)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	age_s = now_ms > then_ms ? (now_ms - then_ms) / 1000 : 0;
	if (age_s < 120)
		snprintf(text, AGE_BYTES, "%llus ago", age_s);
	else if (age_s < 7200)
		snprintf(text, AGE_BYTES, "%llum ago", age_s / 60);
	else
		snprintf(text, AGE_BYTES, "%lluh ago", age_s / 3600);
}

void report_vital(const struct lb_vital *vital)
{
	char age[AGE_BYTES];

	if (!vital->probed_ms)
		return;
	format_age(vital->probed_ms, age);
	printf("%-20s %s, %s (%u in a row, %s)\n", "last probe",
	       vital->passed ? "passed" : "failed", vital->reason, vital->streak, age);
	if (vital->changed_ms) {
		format_age(vital->changed_ms, age);
		printf("%-20s %s%s\n", "health changed", age,
		       vital->restless ? ", and is restless" : "");
	}
}

void report_check_text(const struct call *call, const struct report_check *check, size_t number)
{
	const struct probe_report *report = check->report;
	char endpoint[ENDPOINT_TEXT_BYTES];

	if (call->globals.quiet)
		return;
	if (!number)
		printf("%-20s %-24s %-7s %-6s %11s REASON\n", "SERVICE", "BACKEND", "HEALTH",
		       "PROBE", "TIME");
	endpoint_format(check->backend->address, check->backend->port, endpoint, sizeof(endpoint));
	printf("%-20s %-24s %-7s %-6s %6u.%u ms %s\n", check->service->name, endpoint,
	       health_name(check->backend->health), report->passed ? "passed" : "failed",
	       report->total_us / 1000, report->total_us / 100 % 10, report->reason);
}

void report_checks_end_text(const struct call *call, size_t count)
{
	if (!count && !call->globals.quiet)
		puts("nothing to check (lbctl service set SERVICE --check tcp)");
}

void report_check_json(const struct call *call, const struct report_check *check, size_t number)
{
	char address[ADDRESS_TEXT_BYTES];
	json_t *json;

	if (call->globals.quiet)
		return;
	address_format(check->backend->address, address, sizeof(address));
	json = json_pack("{s:s, s:s, s:i, s:s, s:b, s:s, s:i, s:I}", "service",
			 check->service->name, "address", address, "port",
			 ntohs(check->backend->port), "health", health_name(check->backend->health),
			 "passed", check->report->passed, "reason", check->report->reason,
			 "in_a_row", check->vital->streak, "time_us",
			 (json_int_t)check->report->total_us);
	fputs(number ? "," : "[", stdout);
	json_dumpf(json, stdout, call->globals.pretty ? JSON_INDENT(2) : JSON_COMPACT);
	json_decref(json);
}

void report_checks_end_json(const struct call *call, size_t count)
{
	if (!call->globals.quiet)
		puts(count ? "]" : "[]");
}
