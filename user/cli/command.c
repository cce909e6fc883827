// SPDX-License-Identifier: GPL-2.0-only
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/number.h"

const struct flag global_flags[] = {
	{FLAG_JSON, NULL, "Print answers and errors as JSON", NULL},
	{FLAG_PRETTY, NULL, "Print indented JSON", NULL},
	{FLAG_QUIET, NULL, "Print errors only", NULL},
	{FLAG_VERBOSE, NULL, "Print messages of the kernel and of libraries", NULL},
	{FLAG_DRY_RUN, NULL, "Check everything, change nothing", NULL},
	{FLAG_IF_GENERATION, "N", "Change nothing unless the generation is N", NULL},
	{FLAG_INSTANCE, "NAME", "Select the instance", "default"},
	{FLAG_LOCK_TIMEOUT, "DUR", "Wait up to DUR for another lbctl", "10s"},
	{FLAG_COLOR, "auto|always|never",
	 "Use colours; auto: on a terminal, unless NO_COLOR is set", "auto"},
	{FLAG_HELP, NULL, "Print help on the command", NULL},
	{FLAG_VERSION, NULL, "Print the version", NULL},
	{FLAG_NONE, NULL, NULL, NULL},
};

struct alias {
	const char *alias;
	const char *word;
};

static const char *resolve_alias(const struct alias *aliases, size_t count, const char *word)
{
	for (size_t i = 0; word && i < count; i++)
		if (!strcmp(aliases[i].alias, word))
			return aliases[i].word;
	return word;
}

static const char *resolve_object_alias(const char *word)
{
	static const struct alias aliases[] = {{"svc", "service"}, {"be", "backend"}};

	return resolve_alias(aliases, 2, word);
}

static const char *resolve_name_alias(const char *word)
{
	static const struct alias aliases[] = {{"ls", "list"}, {"rm", "del"}};

	return resolve_alias(aliases, 2, word);
}

const struct command *command_find(const struct command *commands, const char *object,
				   const char *name)
{
	object = resolve_object_alias(object);
	name = resolve_name_alias(name);
	for (const struct command *command = commands; command->name; command++) {
		if (!object != !command->object || strcmp(command->name, name))
			continue;
		if (!object || !strcmp(command->object, object))
			return command;
	}
	return NULL;
}

bool command_is_object(const struct command *commands, const char *word)
{
	word = resolve_object_alias(word);
	for (const struct command *command = commands; command->name; command++)
		if (command->object && !strcmp(command->object, word))
			return true;
	return false;
}

const char *command_format_name(const struct command *command, char text[COMMAND_NAME_BYTES])
{
	snprintf(text, COMMAND_NAME_BYTES, "%s%s%s", command->object ? command->object : "",
		 command->object ? " " : "", command->name);
	return text;
}

const struct flag *command_flag_at(const struct command *command, size_t index)
{
	for (const struct flag_group *group = command->flags; group && group->flags; group++)
		for (const struct flag *flag = group->flags; flag->id; flag++)
			if (!index--)
				return flag;
	return NULL;
}

static bool has_name(const struct flag *flag, const char *name, size_t length)
{
	return strlen(flag_name(flag->id)) == length && !memcmp(flag_name(flag->id), name, length);
}

const struct flag *command_find_flag(const struct command *command, const char *name, size_t length)
{
	const struct flag *flag = NULL;

	for (size_t i = 0; command && (flag = command_flag_at(command, i)); i++)
		if (has_name(flag, name, length))
			return flag;
	return NULL;
}

const struct flag *command_find_global_flag(const char *name, size_t length)
{
	for (const struct flag *flag = global_flags; flag->id; flag++)
		if (has_name(flag, name, length))
			return flag;
	return NULL;
}

const char *call_flag(const struct call *call, enum flag_id flag)
{
	return call->flags[flag];
}

void call_set_flag(struct call *call, enum flag_id flag, const char *value)
{
	call->flags[flag] = value;
}

int call_number(struct call *call, enum flag_id flag, const char *id, __u64 min, __u64 max,
		__u64 *number)
{
	const char *text = call_flag(call, flag);

	if (!text || !number_parse(text, min, max, number))
		return 0;
	return problem_set(&call->problem, EXIT_INVALID, id,
			   "invalid --%s '%s': expected a whole number from %llu to %llu",
			   flag_name(flag), text, min, max);
}

int call_duration(struct call *call, enum flag_id flag, const char *id, __u64 *ms)
{
	const char *text = call_flag(call, flag);

	if (!text || !duration_parse(text, ms))
		return 0;
	return problem_set(&call->problem, EXIT_INVALID, id,
			   "invalid --%s '%s': expected a duration such as 250ms, 5s or 2m",
			   flag_name(flag), text);
}

struct call call_inner(const struct call *parent, const char *name)
{
	struct call call = {
		.commands = parent->commands,
		.command = command_find(parent->commands, NULL, name),
		.globals = parent->globals,
		.output = parent->output,
	};

	call.output.quiet = true;
	return call;
}
