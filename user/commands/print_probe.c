// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "commands/print_probe.h"
#include "view/json.h"

static void print_time(const char *name, __u32 us)
{
	if (us)
		printf("%-20s %u.%03u ms\n", name, us / 1000, us % 1000);
}

static void print_text(const struct check *check, const char *target,
		       const struct probe_report *report)
{
	printf("%-20s %s of %s\n", "probe", check_kind_name(check->kind), target);
	printf("%-20s %s\n", "result",
	       report->passed	   ? "passed"
	       : report->not_tried ? "not tried"
				   : "failed");
	printf("%-20s %s\n", "reason", report->reason);
	print_time("connected after", report->connect_us);
	print_time("first byte after", report->first_byte_us);
	print_time("total", report->total_us);
	fflush(stdout);
}

static json_t *time_json(__u32 us)
{
	return us ? json_integer(us) : json_null();
}

static json_t *probe_json(const struct check *check, const char *target,
			  const struct probe_report *report)
{
	char text[CHECK_TEXT_BYTES];

	check_format(check, text);
	return json_pack("{s:s, s:s, s:b, s:b, s:b, s:s, s:o, s:o, s:o}", "check", text, "target",
			 target, "passed", report->passed, "timed_out", report->timed_out,
			 "not_tried", report->not_tried, "reason", report->reason, "connect_us",
			 time_json(report->connect_us), "first_byte_us",
			 time_json(report->first_byte_us), "total_us", time_json(report->total_us));
}

void print_probe(const struct output *out, const struct check *check, const char *target,
		 const struct probe_report *report)
{
	if (out->json)
		json_print(out, probe_json(check, target, report));
	else if (!out->quiet)
		print_text(check, target, report);
}
