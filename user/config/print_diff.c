// SPDX-License-Identifier: GPL-2.0-only
/* What a file makes different, for people and for scripts. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/diff.h"
#include "view/print.h"

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

void report_difference_text(const struct call *call, const struct difference *difference,
			    size_t number)
{
	(void)number;
	if (call->globals.quiet)
		return;
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

void report_differences_end_text(const struct call *call, size_t count)
{
	(void)call, (void)count;
}

static void put(json_t *json, const char *key, const char *value)
{
	if (value && value[0])
		json_object_set_new(json, key, json_string(value));
}

void report_difference_json(const struct call *call, const struct difference *difference,
			    size_t number)
{
	json_t *json = json_object();
	char *text;

	if (call->globals.quiet)
		return;
	put(json, "change", names[difference->kind]);
	put(json, "interface", difference->interface);
	put(json, "service", difference->service);
	put(json, "backend", difference->backend);
	put(json, "setting", difference->setting);
	put(json, "from", difference->from);
	put(json, "to", difference->to);
	text = json_dumps(json, call->globals.pretty ? JSON_INDENT(2) : JSON_COMPACT);
	printf("%s%s%s", number ? "," : "[", call->globals.pretty ? "\n" : "", text);
	free(text);
	json_decref(json);
}

void report_differences_end_json(const struct call *call, size_t count)
{
	if (!call->globals.quiet)
		printf("%s%s]\n", count ? "" : "[", count && call->globals.pretty ? "\n" : "");
}
