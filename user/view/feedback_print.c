// SPDX-License-Identifier: GPL-2.0-only
#include "view/feedback_print.h"

#include <stdio.h>

#include "base/clock.h"
#include "feedback/law.h"

static const struct {
	__u32 signal;
	const char *name;
	const char *description;
} signals[] = {
	{FEEDBACK_FAILURES, "failures", "failures count as slow responses"},
	{FEEDBACK_STALL, "stall", "more requests wait than are answered"},
	{FEEDBACK_PROBES, "probes", "few responses, so probes count too"},
	{FEEDBACK_FEW_SAMPLES, "few", "few responses"},
};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static long long seconds_since(__u64 since_ms)
{
	return (long long)(clock_realtime_ms() / 1000) - (long long)(since_ms / 1000);
}

void print_feedback_text(const struct lb_feedback_record *record, __u8 feedback)
{
	if (!record->factor_milli)
		return;
	printf("%-20s %s%g, target %g: %s for %lld s\n", "feedback",
	       feedback == LB_FEEDBACK_ON ? "" : "would be ", record->factor_milli / 1000.0,
	       record->target_milli / 1000.0, feedback_reason_name(record->reason),
	       seconds_since(record->since_ms));
	if (!record->measured_ns)
		return;
	printf("%-20s %.1f ms, %u responses in 0.5 s", "measured", record->latency_us / 1000.0,
	       record->samples);
	for (size_t i = 0; i < SIGNALS; i++)
		if (record->signals & signals[i].signal)
			printf("; %s", signals[i].description);
	putchar('\n');
}

json_t *feedback_json(const struct lb_feedback_record *record)
{
	json_t *json, *names;

	if (!record->factor_milli)
		return json_null();
	names = json_array();
	for (size_t i = 0; i < SIGNALS; i++)
		if (record->signals & signals[i].signal)
			json_array_append_new(names, json_string(signals[i].name));
	json = json_pack("{s:f, s:f, s:I, s:I, s:s, s:I}", "factor", record->factor_milli / 1000.0,
			 "wanted", record->target_milli / 1000.0, "latency_us",
			 (json_int_t)record->latency_us, "samples", (json_int_t)record->samples,
			 "reason", feedback_reason_name(record->reason), "since_ms",
			 (json_int_t)record->since_ms);
	json_object_set_new(json, "signals", names);
	return json;
}
