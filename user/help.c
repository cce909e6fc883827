// SPDX-License-Identifier: GPL-2.0-only
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "lb/abi.h"
#include "parse.h"
#include "report.h"

static void print_flags(const struct flag *flags)
{
	char left[64];

	for (; flags && flags->name; flags++) {
		snprintf(left, sizeof(left), "--%s%s%s", flags->name, flags->value ? " " : "",
			 flags->value ? flags->value : "");
		printf("  %-32s %s\n", left, flags->help);
	}
}

static void print_verb(const struct verb *verb)
{
	char left[64];

	snprintf(left, sizeof(left), "%s%s%s %s", verb->object ? verb->object : "",
		 verb->object ? " " : "", verb->name, verb->arguments);
	printf("  %-34s %s\n", left, verb->summary);
}

static int help_all(void)
{
	puts("lbctl: layer-4 load balancing in XDP\n\n"
	     "usage: lbctl [GLOBAL FLAGS] COMMAND ARGS... [FLAGS]\n");
	for (const struct verb *verb = verbs; verb->name; verb++)
		print_verb(verb);
	puts("\n  SERVICE is a name or ADDR:PORT/PROTO, BACKEND is ADDR[:PORT];\n"
	     "  svc = service, be = backend, ls = list, rm = del\n\nglobal flags:");
	print_flags(global_flags);
	puts("\nlbctl help COMMAND tells more, and has an example.");
	return EXIT_DONE;
}

int help_on(const struct verb *verb)
{
	char name[64];

	if (!verb)
		return help_all();
	snprintf(name, sizeof(name), "lbctl %s%s%s", verb->object ? verb->object : "",
		 verb->object ? " " : "", verb->name);
	printf("%s: %s\n\nusage: %s%s%s%s\n", name, verb->summary, name,
	       verb->arguments[0] ? " " : "", verb->arguments, verb->flags ? " [FLAGS]" : "");
	if (verb->flags)
		puts("\nflags:");
	print_flags(verb->flags);
	puts("\nglobal flags:");
	print_flags(global_flags);
	printf("\nexample: %s\n", verb->example);
	return EXIT_DONE;
}

/* An object alone: its verbs, and the verb of the same name. */
static int help_object(const char *object)
{
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (verb_find(verb->object ? object : NULL, verb->object ? verb->name : object) ==
		    verb)
			print_verb(verb);
	return EXIT_DONE;
}

int help_run(struct call *call)
{
	const char *first = call->argument_count > 0 ? call->arguments[0] : NULL;
	const char *second = call->argument_count > 1 ? call->arguments[1] : NULL;
	const struct verb *verb;

	if (!first)
		return help_all();
	if (!second && verb_is_object(first))
		return help_object(first);
	verb = second ? verb_find(first, second) : verb_find(NULL, first);
	if (verb)
		return help_on(verb);
	return second && verb_is_object(first) ? parse_unknown(call, first, second)
					       : parse_unknown(call, NULL, first);
}

int version_run(struct call *call)
{
	report_of(call)->version(call, LBCTL_VERSION, LB_ABI_VERSION);
	return EXIT_DONE;
}
