// SPDX-License-Identifier: GPL-2.0-only
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "cli/answer.h"
#include "cli/parse.h"
#include "lb/abi.h"

#define WIDTH	       80
#define FLAG_COLUMN    25 /* where the help of flags begins */
#define NAME_COLUMN    17 /* where names begin on the first screen */
#define SUMMARY_COLUMN 36

static const char *const topic_titles[TOPIC_COUNT] = {
	[TOPIC_INSTANCE] = "instance",		 [TOPIC_HEALTH] = "health",
	[TOPIC_CONFIGURATION] = "configuration", [TOPIC_MONITORING] = "monitoring",
	[TOPIC_DIAGNOSIS] = "diagnosis",	 [TOPIC_OTHER] = "other",
};

/* Bytes of the text that fit one line, up to a blank if there is more. */
static size_t line_length(const char *text, size_t width)
{
	size_t length = strlen(text);

	if (length <= width)
		return length;
	for (length = width; length && text[length] != ' '; length--)
		;
	return length ? length : width;
}

/*
 * Prints two columns, of which the second begins at `column` and is wrapped. A long first column
 * has a line of its own.
 */
static void print_row(int column, const char *left, const char *right)
{
	int used = printf("  %s", left);

	if (used >= column) {
		putchar('\n');
		used = 0;
	}
	do {
		size_t length = line_length(right, WIDTH - column);

		printf("%*s%.*s\n", column - used, "", (int)length, right);
		right += length;
		right += strspn(right, " ");
		used = 0;
	} while (*right);
}

static void print_flags(const struct flag *flags)
{
	char left[128], right[256];

	for (; flags->id; flags++) {
		char letter = flag_letter(flags->id);
		const char prefix[] = {'-', letter, ',', ' ', '\0'};

		snprintf(left, sizeof(left), "%s--%s%s%s", letter ? prefix : "",
			 flag_name(flags->id), flags->value ? " " : "",
			 flags->value ? flags->value : "");
		snprintf(right, sizeof(right), "%s%s%s%s", flags->help,
			 flags->default_value ? " (default " : "",
			 flags->default_value ? flags->default_value : "",
			 flags->default_value ? ")" : "");
		print_row(FLAG_COLUMN, left, right);
	}
}

static void print_command(const struct command *command)
{
	char name[COMMAND_NAME_BYTES], left[128];

	snprintf(left, sizeof(left), "%s %s", command_format_name(command, name),
		 command->arguments);
	print_row(SUMMARY_COLUMN, left, command->summary);
}

/* One row per command, then the global flags. */
static int print_all_commands(const struct command *commands)
{
	for (const struct command *command = commands; command->name; command++)
		print_command(command);
	puts("\nglobal flags:");
	print_flags(global_flags);
	return EXIT_DONE;
}

/* Prints "add, set, del": the commands of an object or, with object NULL, of a topic. */
static void print_names(const struct command *commands, const char *object,
			enum command_topic topic)
{
	char names[128] = "";

	for (const struct command *command = commands; command->name; command++) {
		if (object ? command_find(commands, object, command->name) != command
			   : command->object || command->topic != topic)
			continue;
		strcat(strcat(names, names[0] ? ", " : ""), command->name);
	}
	print_row(NAME_COLUMN, object ? object : topic_titles[topic], names);
}

/* The first screen: at most 24 lines of 80 columns. */
static int print_overview(const struct command *commands)
{
	const char *previous_object = "";

	puts("lbctl: layer-4 load balancer in XDP\n\n"
	     "usage: lbctl [GLOBAL FLAGS] COMMAND ARGUMENT... [FLAGS]\n");
	for (const struct command *command = commands; command->name; command++) {
		if (command->object && strcmp(command->object, previous_object))
			print_names(commands, command->object, TOPIC_OBJECT);
		previous_object = command->object ? command->object : previous_object;
	}
	putchar('\n');
	for (enum command_topic topic = TOPIC_OBJECT + 1; topic < TOPIC_COUNT; topic++)
		print_names(commands, NULL, topic);
	puts("\n  SERVICE is a name or ADDR:PORT/PROTO, BACKEND is ADDR[:PORT];\n"
	     "  svc = service, be = backend, ls = list, rm = del\n\n"
	     "lbctl help COMMAND   arguments, flags and an example of a command\n"
	     "lbctl help all       all commands, and the global flags\n"
	     "lbctl doctor         faults that stop packets, and their remedies");
	return EXIT_DONE;
}

static int help_command(const struct command *command)
{
	char name[COMMAND_NAME_BYTES];

	command_format_name(command, name);
	printf("lbctl %s: %s\n\nusage: lbctl %s%s%s%s\n", name, command->summary, name,
	       command->arguments[0] ? " " : "", command->arguments,
	       command->flags ? " [FLAGS]" : "");
	for (const struct flag_group *group = command->flags; group && group->flags; group++) {
		printf("\n%s%sflags:\n", group->title ? group->title : "", group->title ? " " : "");
		print_flags(group->flags);
	}
	printf("\nglobal flags: lbctl help all\nexample: %s\nsee: %s\n", command->example,
	       command->page);
	return EXIT_DONE;
}

/* Is it a command of the object, or the command with the same name? */
static bool belongs_to(const struct command *commands, const struct command *command,
		       const char *object)
{
	return command_find(commands, command->object ? object : NULL,
			    command->object ? command->name : object) == command;
}

static int print_object(const struct command *commands, const char *object)
{
	for (const struct command *command = commands; command->name; command++)
		if (belongs_to(commands, command, object))
			print_command(command);
	puts("\nexamples:");
	for (const struct command *command = commands; command->name; command++)
		if (belongs_to(commands, command, object))
			printf("  %s\n", command->example);
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
	command = parse_command_words(call, first, second);
	return command ? help_command(command) : EXIT_USAGE;
}

int cmd_version(struct call *call)
{
	answer_version(call, LBCTL_VERSION, LB_ABI_VERSION);
	return EXIT_DONE;
}
