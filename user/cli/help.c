// SPDX-License-Identifier: GPL-2.0-only
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "cli/answer.h"
#include "cli/parse.h"
#include "lb/abi.h"

static void print_flags(const struct flag *flags)
{
	char left[64];

	for (; flags && flags->id; flags++) {
		snprintf(left, sizeof(left), "--%s%s%s", flag_name(flags->id),
			 flags->value ? " " : "", flags->value ? flags->value : "");
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

/* Every command in a line. */
static int help_all(const struct verb *verbs)
{
	for (const struct verb *verb = verbs; verb->name; verb++)
		print_verb(verb);
	puts("\nglobal flags:");
	print_flags(global_flags);
	return EXIT_DONE;
}

/* Commands that stand alone, by what they are for; the last line is of those in no other. */
static const char *const groups[] = {
	" attach detach upgrade decap ",
	" check run wait ",
	" apply confirm diff validate save import ",
	" status stats top events explain trace doctor ",
	NULL,
};

static size_t group_of(const struct verb *verb)
{
	char word[64];
	size_t group = 0;

	snprintf(word, sizeof(word), " %s ", verb->name);
	while (groups[group] && !strstr(groups[group], word))
		group++;
	return group;
}

/* An object's verbs, or with `object` NULL those of a group: "add, set, del". */
static void print_names(const struct verb *verbs, const char *object, size_t group)
{
	const char *comma = "";

	for (const struct verb *verb = verbs; verb->name; verb++) {
		if (object ? verb_find(verbs, object, verb->name) != verb
			   : verb->object || group_of(verb) != group)
			continue;
		printf("%s%s", comma, verb->name);
		comma = ", ";
	}
	putchar('\n');
}

/* All on one screen, of 24 lines with 80 letters. */
static int help_screen(const struct verb *verbs)
{
	const char *before = "";

	puts("lbctl: layer-4 load balancing in XDP\n\n"
	     "usage: lbctl [GLOBAL FLAGS] COMMAND ARGS... [FLAGS]\n");
	for (const struct verb *verb = verbs; verb->name; verb++) {
		if (verb->object && strcmp(verb->object, before)) {
			printf("  %-8s ", verb->object);
			print_names(verbs, verb->object, 0);
		}
		before = verb->object ? verb->object : before;
	}
	putchar('\n');
	for (size_t group = 0; group < sizeof(groups) / sizeof(groups[0]); group++) {
		printf("  ");
		print_names(verbs, NULL, group);
	}
	puts("\n  SERVICE is a name or ADDR:PORT/PROTO, BACKEND is ADDR[:PORT];\n"
	     "  svc = service, be = backend, ls = list, rm = del\n\n"
	     "lbctl help COMMAND   arguments, flags and an example\n"
	     "lbctl help all       every command in a line, and the global flags\n"
	     "lbctl doctor         why packets do not flow");
	return EXIT_DONE;
}

static int help_command(const struct verb *verb)
{
	char name[64];

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
static int help_object(const struct verb *verbs, const char *object)
{
	bool with_examples = false;

	do {
		for (const struct verb *verb = verbs; verb->name; verb++) {
			const char *of = verb->object ? object : NULL;

			if (verb_find(verbs, of, of ? verb->name : object) != verb)
				continue;
			if (with_examples)
				printf("  %s\n", verb->example);
			else
				print_verb(verb);
		}
		if (!with_examples)
			puts("\nexamples:");
		with_examples = !with_examples;
	} while (with_examples);
	return EXIT_DONE;
}

int help_call(const struct call *call)
{
	return call->verb ? help_command(call->verb) : help_screen(call->verbs);
}

int help_run(struct call *call)
{
	const char *first = call->argument_count > 0 ? call->arguments[0] : NULL;
	const char *second = call->argument_count > 1 ? call->arguments[1] : NULL;
	const struct verb *verb;

	if (!first)
		return help_screen(call->verbs);
	if (!second && !strcmp(first, "all"))
		return help_all(call->verbs);
	if (!second && verb_is_object(call->verbs, first))
		return help_object(call->verbs, first);
	verb = second ? verb_find(call->verbs, first, second) : verb_find(call->verbs, NULL, first);
	if (verb)
		return help_command(verb);
	return second && verb_is_object(call->verbs, first) ? parse_unknown(call, first, second)
							    : parse_unknown(call, NULL, first);
}

int version_run(struct call *call)
{
	answer_version(call, LBCTL_VERSION, LB_ABI_VERSION);
	return EXIT_DONE;
}
