// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command table: every command has an example, which is one of itself; and a word in which
 * a letter is wrong is told as the one that is meant, be it a command's or a flag's.
 */
#include "cli/command.h"

#include <string.h>

#include "base/argv.h"
#include "cli/parse.h"
#include "commands/commands.h"
#include "config/config.h"
#include "core/tap.h"
#include "model/service_settings.h"

/* What a command line is read as; its problem's text is kept. */
static int read_line(const char *line, struct call *call)
{
	static char room[256];
	char *words[ARGV_MAX + 1];
	int count;

	*call = (struct call){.commands = commands, .globals = {.instance = "default"}};
	count = argv_split(line, room, words);
	return parse_call(call, count, words);
}

/* The command in "source <(lbctl completion bash)" is what stands within. */
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

/* A letter less in the middle. */
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
	for (const struct flag *flag = command->flags; flag && flag->id; flag++) {
		char misspelt[64], line[160], intended[80];
		struct call call;

		misspell(flag_name(flag->id), misspelt, sizeof(misspelt));
		snprintf(line, sizeof(line), "lbctl %s%s%s --%s",
			 command->object ? command->object : "", command->object ? " " : "",
			 command->name, misspelt);
		snprintf(intended, sizeof(intended), "; did you mean '--%s'?", flag_name(flag->id));
		ok(read_line(line, &call) && strstr(call.problem.message, intended), "%s%s", line,
		   intended);
		if (!strstr(call.problem.message, intended))
			diag("got %s", call.problem.message);
	}
}

/* Settings and limits are found as flags by their names. */
static void test_names(void)
{
	for (const struct service_setting *setting = service_settings; setting->name; setting++)
		ok(flag_named(setting->name), "--%s is a flag", setting->name);
	for (size_t i = 0; i < CONFIG_LIMITS; i++)
		ok(flag_named(config_limits[i]), "--%s is a flag", config_limits[i]);
	ok(!flag_named("no-such-flag"), "and an unknown name is none");
}

int main(void)
{
	test_names();
	for (const struct command *command = commands; command->name; command++) {
		test_example(command);
		ok(command->summary[0] && command->run, "and says what it does");
		/* Of a verb that is an object as well, what follows is an argument. */
		if (!command->object || !command_find(commands, NULL, command->object))
			test_misspelt_name(command);
		test_misspelt_flags(command);
	}
	return tap_done();
}
