// SPDX-License-Identifier: GPL-2.0-only
#include "cli/parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/number.h"
#include "base/suggest.h"
#include "cli/validate.h"

#define WORD_MAX 64

/* The words that are not parsed yet. */
struct cursor {
	char **word;
	char **end;
};

/* Appends "; did you mean 'service add' or 'backend add'?". Returns true if it did. */
static bool suggest_objects(struct call *call, const char *name)
{
	struct problem *problem = &call->problem;
	bool found = false;

	for (const struct command *command = call->commands; command->name; command++) {
		if (!command->object ||
		    command_find(call->commands, command->object, name) != command)
			continue;
		problem_append(problem, "%s '%s %s'", found ? " or" : "; did you mean",
			       command->object, command->name);
		found = true;
	}
	if (found)
		problem_append(problem, "?");
	return found;
}

/* `object` is NULL if the first word is unknown already. Returns the exit code. */
static int unknown_command(struct call *call, const char *object, const char *word)
{
	struct suggestion suggested = suggestion_of(word);
	const char *prefix = object ? object : "", *blank = object ? " " : "";

	for (const struct command *command = call->commands; command->name; command++) {
		if (!object)
			suggestion_offer(&suggested,
					 command->object ? command->object : command->name);
		else if (command_find(call->commands, object, command->name) == command)
			suggestion_offer(&suggested, command->name);
	}
	problem_set(&call->problem, EXIT_USAGE, "unknown-command", "unknown command '%s%s%s'",
		    prefix, blank, word);
	problem_hint(&call->problem, "lbctl help");
	if ((!object && suggest_objects(call, word)) || !suggested.nearest[0])
		return EXIT_USAGE;
	problem_append(&call->problem, "%s", suggestion_text(&suggested));
	problem_hint(&call->problem, "lbctl help %s%s%s", prefix, blank, suggested.nearest);
	return EXIT_USAGE;
}

const struct command *parse_command_words(struct call *call, const char *first, const char *second)
{
	const struct command *command = second ? command_find(call->commands, first, second)
					       : command_find(call->commands, NULL, first);

	if (!command && second && command_is_object(call->commands, first))
		unknown_command(call, first, second);
	else if (!command)
		unknown_command(call, NULL, first);
	return command;
}

/* The hint is help on the command, as far as it is known. */
static void add_help_hint(struct call *call)
{
	char name[COMMAND_NAME_BYTES];

	problem_hint(&call->problem, "lbctl help");
	if (call->command)
		problem_hint(&call->problem, "lbctl help %s",
			     command_format_name(call->command, name));
}

static int invalid_value(struct call *call, enum flag_id flag, const char *value,
			 const char *accepted)
{
	return problem_set(&call->problem, EXIT_INVALID, "invalid-flag", "invalid --%s '%s': %s",
			   flag_name(flag), value, accepted);
}

static bool is_color_enabled(const char *value)
{
	if (!strcmp(value, "auto"))
		return isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	return !strcmp(value, "always");
}

/* Sets a global flag that has no value. */
static void set_switch(struct call *call, enum flag_id flag)
{
	struct output *output = &call->output;
	struct globals *globals = &call->globals;

	switch (flag) {
	case FLAG_PRETTY:
		output->pretty = true;
		/* fallthrough */
	case FLAG_JSON:
		output->json = true;
		break;
	case FLAG_QUIET:
		output->quiet = true;
		break;
	case FLAG_VERBOSE:
		globals->verbosity++;
		break;
	case FLAG_DRY_RUN:
		globals->dry_run = true;
		break;
	case FLAG_HELP:
		globals->help = true;
		break;
	default:
		globals->version = true;
	}
}

static int set_color(struct call *call, const char *value)
{
	if (strcmp(value, "auto") && strcmp(value, "always") && strcmp(value, "never"))
		return problem_choice(&call->problem, "invalid-flag", "--color", value,
				      "auto, always or never");
	call->output.color = is_color_enabled(value);
	return 0;
}

static int set_global_flag(struct call *call, enum flag_id flag, const char *value)
{
	struct globals *globals = &call->globals;
	__u64 generation;

	switch (flag) {
	case FLAG_INSTANCE:
		globals->instance = value;
		return validate_is_name(value)
			       ? 0
			       : invalid_value(call, flag, value, VALIDATE_NAME_RULE);
	case FLAG_IF_GENERATION:
		globals->if_generation = value;
		if (number_parse(value, 0, ~0ULL, &generation))
			return invalid_value(call, flag, value, "expected a whole number");
		return 0;
	case FLAG_LOCK_TIMEOUT:
		if (duration_parse(value, &globals->lock_timeout_ms))
			return invalid_value(call, flag, value,
					     "expected a duration such as 250ms, 5s or 2m");
		return 0;
	case FLAG_COLOR:
		return set_color(call, value);
	default:
		set_switch(call, flag);
		return 0;
	}
}

static int unknown_flag(struct call *call, const char *word, size_t length)
{
	struct suggestion suggested;
	const struct flag *flag;
	char name[WORD_MAX];

	snprintf(name, sizeof(name), "%.*s", (int)length, word);
	suggested = suggestion_of(name);
	for (size_t i = 0; call->command && (flag = command_flag_at(call->command, i)); i++)
		suggestion_offer(&suggested, flag_name(flag->id));
	for (flag = global_flags; flag->id; flag++)
		suggestion_offer(&suggested, flag_name(flag->id));
	problem_set(&call->problem, EXIT_USAGE, "unknown-flag", "unknown flag '--%s'%s%s%s", name,
		    suggested.nearest[0] ? "; did you mean '--" : "", suggested.nearest,
		    suggested.nearest[0] ? "'?" : "");
	add_help_hint(call);
	return EXIT_USAGE;
}

static int parse_flag(struct call *call, const char *name, size_t length, const char *value,
		      struct cursor *rest)
{
	const struct flag *flag = command_find_flag(call->command, name, length);
	const struct flag *global = flag ? NULL : command_find_global_flag(name, length);
	const struct flag *found = flag ? flag : global;

	if (!found)
		return unknown_flag(call, name, length);
	if (found->value && !value && rest->word < rest->end)
		value = *rest->word++;
	if (!found->value != !value) {
		add_help_hint(call);
		return value ? problem_set(&call->problem, EXIT_USAGE, "bad-flag",
					   "--%s takes no value", flag_name(found->id))
			     : problem_set(&call->problem, EXIT_USAGE, "bad-flag",
					   "missing value of --%s: expected %s",
					   flag_name(found->id), found->value);
	}
	if (global)
		return set_global_flag(call, global->id, value);
	call_set_flag(call, flag->id, value ? value : "");
	return 0;
}

static int parse_long_flag(struct call *call, const char *word, struct cursor *rest)
{
	const char *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);

	return parse_flag(call, word, length, equals ? equals + 1 : NULL, rest);
}

/* Letters, several in one word: -jq. The last one may have a value: -i 5, -i5. */
static int parse_short_flags(struct call *call, const char *word, struct cursor *rest)
{
	int error;

	for (; *word; word++) {
		const char *name = flag_name(flag_by_letter(*word)), *value = NULL;

		if (!name[0]) {
			add_help_hint(call);
			return problem_set(&call->problem, EXIT_USAGE, "unknown-flag",
					   "unknown flag '-%c'", *word);
		}
		if (strchr("icfo", *word) && word[1])
			value = word + 1;
		error = parse_flag(call, name, strlen(name), value, rest);
		if (error || value)
			return error;
	}
	return 0;
}

/*
 * A word that is a command and an object too ("check") is the command, unless the next word is a
 * command of the object.
 */
static const struct command *find_subcommand(const struct call *call, const char *word)
{
	if (call->command->object || call->argument_count)
		return NULL;
	for (enum flag_id flag = 0; flag < FLAGS_END; flag++)
		if (call->flags[flag])
			return NULL;
	return command_find(call->commands, call->command->name, word);
}

static int parse_word(struct call *call, const char *word, const char **object)
{
	const struct command *subcommand = call->command ? find_subcommand(call, word) : NULL;

	if (subcommand) {
		call->command = subcommand;
		return 0;
	}
	if (call->command) {
		if (call->argument_count == COMMAND_ARGUMENTS_MAX)
			return problem_set(&call->problem, EXIT_USAGE, "too-many-arguments",
					   "too many arguments: expected at most %d",
					   COMMAND_ARGUMENTS_MAX);
		call->arguments[call->argument_count++] = word;
		return 0;
	}
	if (!*object && command_is_object(call->commands, word)) {
		*object = word;
		call->command = command_find(call->commands, NULL, word);
		return 0;
	}
	call->command = command_find(call->commands, *object, word);
	return call->command ? 0 : unknown_command(call, *object, word);
}

static bool is_negative_number(const char *word)
{
	return word[0] == '-' && word[1] >= '0' && word[1] <= '9';
}

static int check_arguments(struct call *call, const char *object)
{
	const struct command *command = call->command;

	if (call->globals.help || call->globals.version)
		return 0;
	if (!command) {
		problem_set(&call->problem, EXIT_USAGE, "no-command", "%s%sno command given",
			    object ? object : "", object ? ": " : "");
		problem_hint(&call->problem, "lbctl help%s%s", object ? " " : "",
			     object ? object : "");
		return EXIT_USAGE;
	}
	if (call->argument_count >= command->arguments_min &&
	    call->argument_count <= command->arguments_max)
		return 0;
	problem_set(&call->problem, EXIT_USAGE, "wrong-arguments", "too %s arguments: expected %s",
		    call->argument_count < command->arguments_min ? "few" : "many",
		    command->arguments[0] ? command->arguments : "none");
	add_help_hint(call);
	return EXIT_USAGE;
}

int parse_call(struct call *call, int argc, char **argv)
{
	struct cursor rest = {argv + 1, argv + argc};
	const char *object = NULL;
	bool flags_ended = false;
	int error = 0;

	while (!error && rest.word < rest.end) {
		const char *word = *rest.word++;

		if (flags_ended || word[0] != '-' || !word[1] || is_negative_number(word))
			error = parse_word(call, word, &object);
		else if (!strcmp(word, "--"))
			flags_ended = true;
		else if (word[1] == '-')
			error = parse_long_flag(call, word + 2, &rest);
		else
			error = parse_short_flags(call, word + 1, &rest);
	}
	return error ? error : check_arguments(call, object);
}
