// SPDX-License-Identifier: GPL-2.0-only
/* What the doctor found, as text and as JSON. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "diagnose/doctor/doctor.h"
#include "view/print.h"

static const char *severity_name(enum doctor_severity severity)
{
	static const char *const names[] = {
		[DOCTOR_NOTE] = "note",
		[DOCTOR_WARNING] = "warning",
		[DOCTOR_ERROR] = "error",
	};

	return names[severity];
}

void report_diagnosis_text(const struct call *call, const struct doctor *doctor)
{
	if (call->globals.quiet)
		return;
	for (size_t i = 0; i < doctor->count; i++) {
		const struct finding *finding = &doctor->findings[i];

		printf("%-8s %s (%s)\n", severity_name(finding->severity), finding->message,
		       finding->id);
		printf("%-8s %s\n", "  why", finding->why);
		if (finding->remedy[0])
			printf("%-8s %s\n", "  remedy", finding->remedy);
	}
	if (!doctor->count)
		puts("nothing found");
}

static json_t *text_or_null(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static json_t *finding_json(const struct finding *finding)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id", finding->id, "severity",
			 severity_name(finding->severity), "message", finding->message, "why",
			 finding->why, "remedy", text_or_null(finding->remedy), "interface",
			 text_or_null(finding->interface), "service",
			 text_or_null(finding->service), "backend", text_or_null(finding->backend));
}

void report_diagnosis_json(const struct call *call, const struct doctor *doctor)
{
	json_t *array = json_array();
	char *text;

	for (size_t i = 0; i < doctor->count; i++)
		json_array_append_new(array, finding_json(&doctor->findings[i]));
	text = json_dumps(array, call->globals.pretty ? JSON_INDENT(2) : JSON_COMPACT);
	if (text && !call->globals.quiet)
		puts(text);
	free(text);
	json_decref(array);
}
