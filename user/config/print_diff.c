// SPDX-License-Identifier: GPL-2.0-only

#include <stdio.h>

#include "config/diff.h"
#include "config/print_diff.h"
#include "view/json.h"

static const char symbols[] = {
	[DIFF_ADDED] = '+',
	[DIFF_REMOVED] = '-',
	[DIFF_SET] = '~',
};

static const char *const names[] = {
	[DIFF_ADDED] = "added",
	[DIFF_REMOVED] = "removed",
	[DIFF_SET] = "set",
};

static void print_text(const struct diff *diff)
{
	printf("%c ", symbols[diff->kind]);
	if (diff->interface)
		printf("interface %s", diff->interface);
	else if (diff->backend[0])
		printf("backend %s %s", diff->service, diff->backend);
	else
		printf("service %s", diff->service);
	if (diff->setting)
		printf(": %s %s -> %s\n", diff->setting, diff->from, diff->to);
	else
		printf("%s%s%s\n", diff->to[0] || diff->from[0] ? " " : "", diff->from, diff->to);
}

static void put(json_t *json, const char *key, const char *value)
{
	if (value && value[0])
		json_object_set_new(json, key, json_string(value));
}

static json_t *difference_json(const struct diff *diff)
{
	json_t *json = json_object();

	put(json, "change", names[diff->kind]);
	put(json, "interface", diff->interface);
	put(json, "service", diff->service);
	put(json, "backend", diff->backend);
	put(json, "setting", diff->setting);
	put(json, "from", diff->from);
	put(json, "to", diff->to);
	return json;
}

void print_difference(const struct output *out, const struct diff *diff, size_t number)
{
	if (out->json)
		json_print_element(out, difference_json(diff), number);
	else if (!out->quiet)
		print_text(diff);
}

void print_differences_end(const struct output *out, size_t count)
{
	if (out->json)
		json_print_end(out, count);
}
