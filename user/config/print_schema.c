// SPDX-License-Identifier: GPL-2.0-only

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/print_schema.h"
#include "config/schema.h"

#define REF_PREFIX "#/$defs/"

/* Copies the definition of this name, and recursively all that it refers to. */
static void copy_definition(json_t *definitions, const json_t *all, const char *name);

static void copy_references(json_t *definitions, const json_t *all, const json_t *json)
{
	const json_t *value;
	const char *key;
	size_t i;

	if (json_is_string(json) &&
	    !strncmp(json_string_value(json), REF_PREFIX, strlen(REF_PREFIX)))
		copy_definition(definitions, all, json_string_value(json) + strlen(REF_PREFIX));
	json_array_foreach(json, i, value) copy_references(definitions, all, value);
	json_object_foreach((json_t *)json, key, value) copy_references(definitions, all, value);
}

static void copy_definition(json_t *definitions, const json_t *all, const char *name)
{
	size_t length = strcspn(name, "/");
	json_t *definition = json_object_getn(all, name, length);

	if (json_object_getn(definitions, name, length))
		return;
	json_object_setn(definitions, name, length, definition);
	copy_references(definitions, all, definition);
}

/* Removes everything that the command's answer does not need. */
static void keep_only_command(json_t *schema, const struct command *command)
{
	json_t *definitions = json_object();
	char name[64];

	snprintf(name, sizeof(name), REF_PREFIX "%s%s%s", command->object ? command->object : "",
		 command->object ? "-" : "", command->name);
	copy_definition(definitions, json_object_get(schema, "$defs"), name + strlen(REF_PREFIX));
	json_object_set_new(schema, "$ref", json_string(name));
	json_object_set_new(schema, "$defs", definitions);
	json_object_del(schema, "description");
}

int print_schema(const struct output *out, const struct command *command)
{
	size_t style = out->json && !out->pretty ? JSON_COMPACT : JSON_INDENT(2);
	json_t *schema;
	char *text;

	if (!command && !out->json) {
		fputs(out->quiet ? "" : schema_text, stdout);
		return 0;
	}
	schema = json_loads(schema_text, 0, NULL);
	if (command)
		keep_only_command(schema, command);
	text = json_dumps(schema, style);
	json_decref(schema);
	if (!text)
		return -1;
	if (!out->quiet)
		puts(text);
	free(text);
	return 0;
}
