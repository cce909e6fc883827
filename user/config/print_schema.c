// SPDX-License-Identifier: GPL-2.0-only
/* The schema of all, or what of it one verb's answers need. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/print_schema.h"
#include "config/schema.h"

#define PLACE "#/$defs/"

/* Takes over the definition of this name, and all that it refers to, and they. */
static void take(json_t *taken, const json_t *all, const char *name);

static void take_referred(json_t *taken, const json_t *all, const json_t *json)
{
	const json_t *value;
	const char *key;
	size_t i;

	if (json_is_string(json) && !strncmp(json_string_value(json), PLACE, strlen(PLACE)))
		take(taken, all, json_string_value(json) + strlen(PLACE));
	json_array_foreach(json, i, value) take_referred(taken, all, value);
	json_object_foreach((json_t *)json, key, value) take_referred(taken, all, value);
}

static void take(json_t *taken, const json_t *all, const char *name)
{
	size_t length = strcspn(name, "/");
	json_t *definition = json_object_getn(all, name, length);

	if (json_object_getn(taken, name, length))
		return;
	json_object_setn(taken, name, length, definition);
	take_referred(taken, all, definition);
}

/* Leaves of the whole what one verb's answers need. */
static void narrow(json_t *schema, const struct verb *verb)
{
	json_t *taken = json_object();
	char name[64];

	snprintf(name, sizeof(name), PLACE "%s%s%s", verb->object ? verb->object : "",
		 verb->object ? "-" : "", verb->name);
	take(taken, json_object_get(schema, "$defs"), name + strlen(PLACE));
	json_object_set_new(schema, "$ref", json_string(name));
	json_object_set_new(schema, "$defs", taken);
	json_object_del(schema, "description");
}

int print_schema(const struct output *out, const struct verb *verb)
{
	size_t style = out->json && !out->pretty ? JSON_COMPACT : JSON_INDENT(2);
	json_t *schema;
	char *text;

	if (!verb && !out->json) {
		fputs(out->quiet ? "" : schema_text, stdout);
		return 0;
	}
	schema = json_loads(schema_text, 0, NULL);
	if (verb)
		narrow(schema, verb);
	text = json_dumps(schema, style);
	json_decref(schema);
	if (!text)
		return -1;
	if (!out->quiet)
		puts(text);
	free(text);
	return 0;
}
