// SPDX-License-Identifier: GPL-2.0-only
/* What a probe found, as text and as JSON. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "probe/engine.h"
#include "view/print.h"

static void print_time(const char *name, __u32 us)
{
	if (us)
		printf("%-20s %u.%03u ms\n", name, us / 1000, us % 1000);
}

void report_probe_text(const struct call *call, const struct report_probe *probe)
{
	const struct probe_report *report = probe->report;

	if (call->globals.quiet)
		return;
	printf("%-20s %s of %s\n", "probe", check_kind_name(probe->check->kind), probe->target);
	printf("%-20s %s\n", "result",
	       report->passed	   ? "passed"
	       : report->not_tried ? "not tried"
				   : "failed");
	printf("%-20s %s\n", "reason", report->reason);
	print_time("connected after", report->connect_us);
	print_time("first byte after", report->first_byte_us);
	print_time("over after", report->total_us);
	fflush(stdout);
}

static json_t *time_json(__u32 us)
{
	return us ? json_integer(us) : json_null();
}

void report_probe_json(const struct call *call, const struct report_probe *probe)
{
	const struct probe_report *report = probe->report;
	char check[CHECK_TEXT_BYTES];
	json_t *json;

	if (call->globals.quiet)
		return;
	check_format(probe->check, check);
	json = json_pack("{s:s, s:s, s:b, s:b, s:b, s:s, s:o, s:o, s:o}", "check", check, "target",
			 probe->target, "passed", report->passed, "timed_out", report->timed_out,
			 "not_tried", report->not_tried, "reason", report->reason, "connect_us",
			 time_json(report->connect_us), "first_byte_us",
			 time_json(report->first_byte_us), "total_us", time_json(report->total_us));
	json_dumpf(json, stdout, call->globals.pretty ? JSON_INDENT(2) : JSON_COMPACT);
	puts("");
	fflush(stdout);
	json_decref(json);
}
