// SPDX-License-Identifier: GPL-2.0-only
/* What latency feedback has come to for a backend, and why. */
#include "view/feedback_print.h"

#include <stdio.h>
#include <time.h>

#include "feedback/law.h"

static const struct {
	__u32 signal;
	const char *name;
	const char *words;
} signals[] = {
	{FEEDBACK_FAILURES, "failures", "failures count as long answers"},
	{FEEDBACK_STALL, "stall", "more waits than is answered"},
	{FEEDBACK_PROBES, "probes", "few answers, so probes tell as well"},
	{FEEDBACK_FEW, "few", "few answers"},
};

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static long long seconds_since(__u64 since_ms)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - (long long)(since_ms / 1000);
}

void print_feedback_text(const struct lb_factor *factor, __u8 feedback)
{
	if (!factor->milli)
		return;
	printf("%-20s %s%g, on the way to %g: %s since %lld s\n", "feedback",
	       feedback == LB_FEEDBACK_ON ? "" : "would be ", factor->milli / 1000.0,
	       factor->wanted_milli / 1000.0, feedback_reason_name(factor->reason),
	       seconds_since(factor->since_ms));
	if (!factor->heard_ns)
		return;
	printf("%-20s %.1f ms, of %u answers in half a second", "goes by",
	       factor->latency_us / 1000.0, factor->samples);
	for (size_t i = 0; i < SIGNALS; i++)
		if (factor->signals & signals[i].signal)
			printf("; %s", signals[i].words);
	putchar('\n');
}

json_t *feedback_json(const struct lb_factor *factor)
{
	json_t *json, *names;

	if (!factor->milli)
		return json_null();
	names = json_array();
	for (size_t i = 0; i < SIGNALS; i++)
		if (factor->signals & signals[i].signal)
			json_array_append_new(names, json_string(signals[i].name));
	json = json_pack("{s:f, s:f, s:I, s:I, s:s, s:I}", "factor", factor->milli / 1000.0,
			 "wanted", factor->wanted_milli / 1000.0, "latency_us",
			 (json_int_t)factor->latency_us, "samples", (json_int_t)factor->samples,
			 "reason", feedback_reason_name(factor->reason), "since_ms",
			 (json_int_t)factor->since_ms);
	json_object_set_new(json, "signals", names);
	return json;
}
