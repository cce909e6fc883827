// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the documents are generated from, as JSON on standard output: commands with their flags,
 * global flags, settings of services, and the names of metrics. tools/docs reads it.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/command.h"
#include "commands/commands.h"
#include "model/service_settings.h"
#include "view/prometheus.h"
#include "view/view.h"

static json_t *describe_flag(const struct flag *flag)
{
	const char letter[] = {flag_letter(flag->id), '\0'};

	return json_pack("{s:s, s:s, s:s?, s:s, s:s?}", "name", flag_name(flag->id), "letter",
			 letter, "value", flag->value, "help", flag->help, "default",
			 flag->default_value);
}

static json_t *describe_global_flags(void)
{
	json_t *list = json_array();

	for (const struct flag *flag = global_flags; flag->id; flag++)
		json_array_append_new(list, describe_flag(flag));
	return list;
}

static json_t *describe_flags(const struct command *command)
{
	json_t *list = json_array();
	const struct flag *flag;

	for (size_t i = 0; (flag = command_flag_at(command, i)); i++)
		json_array_append_new(list, describe_flag(flag));
	return list;
}

static json_t *describe_commands(void)
{
	json_t *list = json_array();

	for (const struct command *command = commands; command->name; command++)
		json_array_append_new(list,
				      json_pack("{s:s?, s:s, s:s, s:s, s:s, s:s, s:o}", "object",
						command->object, "name", command->name, "arguments",
						command->arguments, "summary", command->summary,
						"example", command->example, "page", command->page,
						"flags", describe_flags(command)));
	return list;
}

static json_t *describe_settings(void)
{
	json_t *list = json_array();

	for (size_t i = 0; service_settings[i].name; i++)
		json_array_append_new(list, json_string(service_settings[i].name));
	return list;
}

/* Names, types and help texts, as Prometheus gets them of an instance without services. */
static json_t *describe_metrics(void)
{
	const struct view view = {0};
	_free_ char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	prometheus_print(stream, &view, "default");
	fclose(stream);
	return json_string(text);
}

int main(void)
{
	json_t *facts = json_pack("{s:o, s:o, s:o, s:o}", "commands", describe_commands(),
				  "global_flags", describe_global_flags(), "settings",
				  describe_settings(), "metrics", describe_metrics());

	if (!facts || json_dumpf(facts, stdout, JSON_INDENT(1))) {
		fputs("facts: no memory\n", stderr);
		return EXIT_FAILURE;
	}
	json_decref(facts);
	return EXIT_SUCCESS;
}
