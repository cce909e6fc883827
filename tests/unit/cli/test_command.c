// SPDX-License-Identifier: GPL-2.0-only
/*
 * Command table: every command has an example that parses as this command, and help that fits
 * 80 columns and names all flags. A misspelt command or flag is suggested correctly.
 */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/argv.h"
#include "cli/help.h"
#include "cli/limits.h"
#include "cli/parse.h"
#include "commands/commands.h"
#include "core/tap.h"
#include "model/service_settings.h"

/* Parses a command line into `call`, and returns the exit code. */
static int read_line(const char *line, struct call *call)
{
	static char room[256];
	char *words[ARGV_MAX + 1];
	int count;

	*call = (struct call){.commands = commands, .globals = {.instance = "default"}};
	count = argv_split(line, room, words);
	return parse_call(call, count, words);
}

/* The command in "source <(lbctl completion bash)" is the part in parentheses. */
static void test_example(const struct command *command)
{
	const char *begin = strstr(command->example, "lbctl ");
	char line[256] = "";
	struct call call;

	if (begin)
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(begin, ")"), begin);
	ok(begin && !read_line(line, &call) && call.command == command, "%s%s%s: %s",
	   command->object ? command->object : "", command->object ? " " : "", command->name,
	   command->example);
}

/* The help of a command, which the caller frees. */
static char *help_text(const struct command *command)
{
	struct call call = {.commands = commands, .command = command};
	FILE *saved = stdout;
	char *text = NULL;
	size_t bytes;

	stdout = open_memstream(&text, &bytes);
	help_call(&call);
	fclose(stdout);
	stdout = saved;
	return text;
}

/* The longest line of a text. */
static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text += strcspn(text, "\n") + 1)
		if (strcspn(text, "\n") > width)
			width = strcspn(text, "\n");
	return width;
}

static void test_help(const struct command *command)
{
	char name[COMMAND_NAME_BYTES], *text = help_text(command), word[80];
	const struct flag *flag;
	bool has_flags = true;

	command_format_name(command, name);
	ok(text_width(text) <= 80, "help %s fits 80 columns", name);
	for (size_t i = 0; (flag = command_flag_at(command, i)); i++) {
		snprintf(word, sizeof(word), "--%s%s%s", flag_name(flag->id),
			 flag->value ? " " : "", flag->value ? flag->value : "");
		has_flags &= strstr(text, word) != NULL;
	}
	ok(has_flags, "it names all flags");
	ok(strstr(text, command->example) && strstr(text, command->page),
	   "it has an example and a page");
	ok(!access(command->page, R_OK), "which exists: %s", command->page);
	free(text);
}

/* Leaves out a letter in the middle. */
static const char *misspell(const char *word, char *misspelt, size_t size)
{
	size_t middle = strlen(word) / 2;

	snprintf(misspelt, size, "%.*s%s", (int)middle, word, word + middle + 1);
	return misspelt;
}

static void test_misspelt_name(const struct command *command)
{
	char misspelt[64], line[160], intended[80];
	struct call call;

	misspell(command->name, misspelt, sizeof(misspelt));
	snprintf(line, sizeof(line), "lbctl %s%s%s", command->object ? command->object : "",
		 command->object ? " " : "", misspelt);
	snprintf(intended, sizeof(intended), "; did you mean '%s'?", command->name);
	ok(read_line(line, &call) && strstr(call.problem.message, intended), "%s%s", line,
	   intended);
	if (!strstr(call.problem.message, intended))
		diag("got %s", call.problem.message);
}

static void test_misspelt_flags(const struct command *command)
{
	const struct flag *flag;

	for (size_t i = 0; (flag = command_flag_at(command, i)); i++) {
		char name[COMMAND_NAME_BYTES], misspelt[64], line[160], intended[80];
		struct call call;

		misspell(flag_name(flag->id), misspelt, sizeof(misspelt));
		snprintf(line, sizeof(line), "lbctl %s --%s", command_format_name(command, name),
			 misspelt);
		snprintf(intended, sizeof(intended), "; did you mean '--%s'?", flag_name(flag->id));
		ok(read_line(line, &call) && strstr(call.problem.message, intended), "%s%s", line,
		   intended);
		if (!strstr(call.problem.message, intended))
			diag("got %s", call.problem.message);
	}
}

/* Settings and limits have flags with the same names. */
static void test_names(void)
{
	for (const struct service_setting *setting = service_settings; setting->name; setting++)
		ok(flag_by_name(setting->name), "--%s is a flag", setting->name);
	for (enum limit i = 0; i < LIMIT_COUNT; i++)
		ok(limit_flag(i), "a limit has a flag: --%s", flag_name(limit_flag(i)));
	ok(!flag_by_name("no-such-flag"), "an unknown name is no flag");
	is_int(flag_by_letter('f'), FLAG_FILE, "-f is --file");
	ok(!flag_by_letter('x'), "an unknown letter is no flag");
}

int main(void)
{
	test_names();
	for (const struct command *command = commands; command->name; command++) {
		test_example(command);
		test_help(command);
		ok(command->summary[0] && command->run, "it has a summary and a function");
		/* After a command that is an object too, the next word is an argument. */
		if (!command->object || !command_find(commands, NULL, command->object))
			test_misspelt_name(command);
		test_misspelt_flags(command);
	}
	return tap_done();
}
