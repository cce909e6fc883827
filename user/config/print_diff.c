// SPDX-License-Identifier: GPL-2.0-only
/* What a file makes different, for people and for scripts. */
#include <stdio.h>

#include "config/diff.h"
#include "config/print_diff.h"
#include "view/json.h"

static const char marks[] = {
	[DIFFERENCE_ADDED] = '+',
	[DIFFERENCE_REMOVED] = '-',
	[DIFFERENCE_SET] = '~',
};

static const char *const names[] = {
	[DIFFERENCE_ADDED] = "added",
	[DIFFERENCE_REMOVED] = "removed",
	[DIFFERENCE_SET] = "set",
};

static void print_text(const struct difference *difference)
{
	printf("%c ", marks[difference->kind]);
	if (difference->interface)
		printf("interface %s", difference->interface);
	else if (difference->backend[0])
		printf("backend %s %s", difference->service, difference->backend);
	else
		printf("service %s", difference->service);
	if (difference->setting)
		printf(": %s %s -> %s\n", difference->setting, difference->from, difference->to);
	else
		printf("%s%s%s\n", difference->to[0] || difference->from[0] ? " " : "",
		       difference->from, difference->to);
}

static void put(json_t *json, const char *key, const char *value)
{
	if (value && value[0])
		json_object_set_new(json, key, json_string(value));
}

static json_t *difference_json(const struct difference *difference)
{
	json_t *json = json_object();

	put(json, "change", names[difference->kind]);
	put(json, "interface", difference->interface);
	put(json, "service", difference->service);
	put(json, "backend", difference->backend);
	put(json, "setting", difference->setting);
	put(json, "from", difference->from);
	put(json, "to", difference->to);
	return json;
}

void print_difference(const struct output *out, const struct difference *difference, size_t number)
{
	if (out->json)
		json_print_element(out, difference_json(difference), number);
	else if (!out->quiet)
		print_text(difference);
}

void print_differences_end(const struct output *out, size_t count)
{
	if (out->json)
		json_print_end(out, count);
}
