// SPDX-License-Identifier: GPL-2.0-only
/* Prints the doctor's findings as text or JSON. */
#include <stdio.h>

#include "diagnose/doctor/findings.h"
#include "diagnose/doctor/print_doctor.h"
#include "view/json.h"

static const char *severity_name(enum doctor_severity severity)
{
	static const char *const names[] = {
		[DOCTOR_NOTE] = "note",
		[DOCTOR_WARNING] = "warning",
		[DOCTOR_ERROR] = "error",
	};

	return names[severity];
}

static void print_text(const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->count; i++) {
		const struct finding *finding = &doctor->findings[i];

		printf("%-8s %s (%s)\n", severity_name(finding->severity), finding->message,
		       finding->id);
		printf("%-8s %s\n", "  why", finding->why);
		if (finding->remedy[0])
			printf("%-8s %s\n", "  remedy", finding->remedy);
	}
	if (!doctor->count)
		puts("no findings");
}

static json_t *finding_json(const struct finding *finding)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id", finding->id, "severity",
			 severity_name(finding->severity), "message", finding->message, "why",
			 finding->why, "remedy", json_text_or_null(finding->remedy), "interface",
			 json_text_or_null(finding->interface), "service",
			 json_text_or_null(finding->service), "backend",
			 json_text_or_null(finding->backend));
}

static json_t *findings_json(const struct doctor *doctor)
{
	json_t *array = json_array();

	for (size_t i = 0; i < doctor->count; i++)
		json_array_append_new(array, finding_json(&doctor->findings[i]));
	return array;
}

void print_doctor(const struct output *out, const struct doctor *doctor)
{
	if (out->json)
		json_print(out, findings_json(doctor));
	else if (!out->quiet)
		print_text(doctor);
}
