// SPDX-License-Identifier: GPL-2.0-only
#include "cli/command.h"

#include <string.h>

#include "base/number.h"

const struct flag global_flags[] = {
	{FLAG_JSON, NULL, "answers and errors as JSON (-j)"},
	{FLAG_PRETTY, NULL, "JSON, indented (-p)"},
	{FLAG_QUIET, NULL, "no answer but the exit code and errors (-q)"},
	{FLAG_VERBOSE, NULL, "tell what libraries and kernel say (-v)"},
	{FLAG_DRY_RUN, NULL, "check everything, change nothing"},
	{FLAG_IF_GENERATION, "N", "change nothing unless `status` still shows generation N"},
	{FLAG_INSTANCE, "NAME", "which balancer of this host (default)"},
	{FLAG_LOCK_TIMEOUT, "DUR", "how long to wait for another lbctl (10s)"},
	{FLAG_COLOR, "auto|always|never", "colours (auto: on terminals, unless NO_COLOR is set)"},
	{FLAG_HELP, NULL, "help on the command (-h)"},
	{FLAG_VERSION, NULL, "the version (-V)"},
	{FLAG_NONE, NULL, NULL},
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

const char *call_flag(const struct call *call, enum flag_id flag)
{
	return call->flags[flag];
}

void call_set_flag(struct call *call, enum flag_id flag, const char *value)
{
	call->flags[flag] = value;
}

int call_number(struct call *call, enum flag_id flag, const char *id, __u64 arguments_min,
		__u64 arguments_max, __u64 *number)
{
	const char *text = call_flag(call, flag);

	if (!text || !number_parse(text, arguments_min, arguments_max, number))
		return 0;
	return problem_set(&call->problem, EXIT_INVALID, id,
			   "--%s %s: expected a whole number from %llu to %llu", flag_name(flag),
			   text, arguments_min, arguments_max);
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
