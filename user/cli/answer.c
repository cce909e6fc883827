// SPDX-License-Identifier: GPL-2.0-only
#include "cli/answer.h"

#include <stdio.h>

#include "view/json.h"

static void problem_text(const struct call *call)
{
	const struct problem *problem = &call->problem;
	char name[COMMAND_NAME_BYTES];

	if (!problem->has_position)
		fprintf(stderr, "lbctl: ");
	if (call->command && !problem->has_position)
		fprintf(stderr, "%s: ", command_format_name(call->command, name));
	fprintf(stderr, "%s\n", problem->message);
	if (problem->hint[0])
		fprintf(stderr, "hint: %s\n", problem->hint);
}

static json_t *problem_json(const struct problem *problem)
{
	json_t *error = json_pack("{s:i, s:s, s:o}", "code", problem->code, "id", problem->id,
				  "message", json_text(problem->message));

	if (problem->hint[0])
		json_object_set_new(error, "hint", json_text(problem->hint));
	return json_pack("{s:o}", "error", error);
}

void answer_problem(const struct call *call)
{
	if (call->output.json)
		json_print_to(stderr, &call->output, problem_json(&call->problem));
	else
		problem_text(call);
}

static void warn_json(const struct call *call, const char *id, const char *message,
		      const char *hint)
{
	json_t *json = json_pack("{s:s, s:o}", "id", id, "message", json_text(message));

	if (hint)
		json_object_set_new(json, "hint", json_string(hint));
	json_print_to(stderr, &call->output, json_pack("{s:o}", "warning", json));
}

void answer_warning(const struct call *call, const char *id, const char *message, const char *hint)
{
	if (call->output.json) {
		warn_json(call, id, message, hint);
		return;
	}
	fprintf(stderr, "lbctl: %s: warning: %s\n", call->command->name, message);
	if (hint)
		fprintf(stderr, "hint: %s\n", hint);
}

void answer_file_warning(const struct call *call, const char *id, const char *message)
{
	if (call->output.json)
		warn_json(call, id, message, NULL);
	else
		fprintf(stderr, "%s\n", message);
}

void answer_changed(const struct call *call, bool changed)
{
	if (call->output.json)
		json_print(&call->output, json_pack("{s:b}", "changed", changed));
	else if (!call->output.quiet)
		puts(changed ? "changed" : "unchanged");
}

void answer_version(const struct call *call, const char *version, __u32 abi)
{
	if (call->output.json)
		json_print(&call->output, json_pack("{s:s, s:i}", "version", version, "abi", abi));
	else if (!call->output.quiet)
		printf("lbctl %s (ABI %u)\n", version, abi);
}
