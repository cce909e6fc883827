// SPDX-License-Identifier: GPL-2.0-only
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "cli/answer.h"
#include "cli/parse.h"
#include "lb/abi.h"

static void print_flags(const struct flag *flags)
{
	char column[64];

	for (; flags && flags->id; flags++) {
		snprintf(column, sizeof(column), "--%s%s%s", flag_name(flags->id),
			 flags->value ? " " : "", flags->value ? flags->value : "");
		printf("  %-32s %s\n", column, flags->help);
	}
}

static void print_command(const struct command *command)
{
	char column[64];

	snprintf(column, sizeof(column), "%s%s%s %s", command->object ? command->object : "",
		 command->object ? " " : "", command->name, command->arguments);
	printf("  %-34s %s\n", column, command->summary);
}

/* Every command in a line. */
static int print_all_commands(const struct command *commands)
{
	for (const struct command *command = commands; command->name; command++)
		print_command(command);
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

static size_t find_group(const struct command *command)
{
	char word[64];
	size_t group = 0;

	snprintf(word, sizeof(word), " %s ", command->name);
	while (groups[group] && !strstr(groups[group], word))
		group++;
	return group;
}

/* An object's verbs, or with `object` NULL those of a group: "add, set, del". */
static void print_names(const struct command *commands, const char *object, size_t group)
{
	const char *comma = "";

	for (const struct command *command = commands; command->name; command++) {
		if (object ? command_find(commands, object, command->name) != command
			   : command->object || find_group(command) != group)
			continue;
		printf("%s%s", comma, command->name);
		comma = ", ";
	}
	putchar('\n');
}

/* All on one screen, of 24 lines with 80 letters. */
static int print_overview(const struct command *commands)
{
	const char *previous_object = "";

	puts("lbctl: layer-4 load balancing in XDP\n\n"
	     "usage: lbctl [GLOBAL FLAGS] COMMAND ARGS... [FLAGS]\n");
	for (const struct command *command = commands; command->name; command++) {
		if (command->object && strcmp(command->object, previous_object)) {
			printf("  %-8s ", command->object);
			print_names(commands, command->object, 0);
		}
		previous_object = command->object ? command->object : previous_object;
	}
	putchar('\n');
	for (size_t group = 0; group < sizeof(groups) / sizeof(groups[0]); group++) {
		printf("  ");
		print_names(commands, NULL, group);
	}
	puts("\n  SERVICE is a name or ADDR:PORT/PROTO, BACKEND is ADDR[:PORT];\n"
	     "  svc = service, be = backend, ls = list, rm = del\n\n"
	     "lbctl help COMMAND   arguments, flags and an example\n"
	     "lbctl help all       every command in a line, and the global flags\n"
	     "lbctl doctor         why packets do not flow");
	return EXIT_DONE;
}

static int help_command(const struct command *command)
{
	char name[64];

	snprintf(name, sizeof(name), "lbctl %s%s%s", command->object ? command->object : "",
		 command->object ? " " : "", command->name);
	printf("%s: %s\n\nusage: %s%s%s%s\n", name, command->summary, name,
	       command->arguments[0] ? " " : "", command->arguments,
	       command->flags ? " [FLAGS]" : "");
	if (command->flags)
		puts("\nflags:");
	print_flags(command->flags);
	puts("\nglobal flags:");
	print_flags(global_flags);
	printf("\nexample: %s\n", command->example);
	return EXIT_DONE;
}

/* An object alone: its verbs, and the verb of the same name. */
static int print_object(const struct command *commands, const char *object)
{
	bool with_examples = false;

	do {
		for (const struct command *command = commands; command->name; command++) {
			const char *wanted_object = command->object ? object : NULL;

			if (command_find(commands, wanted_object,
					 wanted_object ? command->name : object) != command)
				continue;
			if (with_examples)
				printf("  %s\n", command->example);
			else
				print_command(command);
		}
		if (!with_examples)
			puts("\nexamples:");
		with_examples = !with_examples;
	} while (with_examples);
	return EXIT_DONE;
}

int help_call(const struct call *call)
{
	return call->command ? help_command(call->command) : print_overview(call->commands);
}

int cmd_help(struct call *call)
{
	const char *first = call->argument_count > 0 ? call->arguments[0] : NULL;
	const char *second = call->argument_count > 1 ? call->arguments[1] : NULL;
	const struct command *command;

	if (!first)
		return print_overview(call->commands);
	if (!second && !strcmp(first, "all"))
		return print_all_commands(call->commands);
	if (!second && command_is_object(call->commands, first))
		return print_object(call->commands, first);
	command = second ? command_find(call->commands, first, second)
			 : command_find(call->commands, NULL, first);
	if (command)
		return help_command(command);
	return second && command_is_object(call->commands, first)
		       ? parse_unknown_command(call, first, second)
		       : parse_unknown_command(call, NULL, first);
}

int cmd_version(struct call *call)
{
	answer_version(call, LBCTL_VERSION, LB_ABI_VERSION);
	return EXIT_DONE;
}
