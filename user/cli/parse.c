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

#define WORD_MAX 64

struct cursor {
	char **word;
	char **end;
};

/* "backend", or "service add, backend add" for a verb that lacks its object. */
static void set_unknown_command(struct call *call, const char *object, const char *word,
				struct suggestion *suggested)
{
	struct problem *problem = &call->problem;
	bool lacks_object = false; /* a verb, but without its object */
	size_t length;

	problem_set(problem, EXIT_USAGE, "unknown-command", "no command '%s%s%s'%s",
		    object ? object : "", object ? " " : "", word, suggestion_text(suggested));
	for (const struct command *command = call->commands; command->name && !object; command++) {
		if (!command->object ||
		    command_find(call->commands, command->object, word) != command)
			continue;
		length = strlen(problem->message);
		if (!lacks_object)
			length = strcspn(problem->message, ";");
		snprintf(problem->message + length, sizeof(problem->message) - length, "%s '%s %s'",
			 lacks_object ? " or" : "; did you mean", command->object, command->name);
		lacks_object = true;
	}
	if (lacks_object)
		strcat(problem->message, "?");
	problem_hint(problem, "lbctl help");
	if (suggested->nearest[0] && !lacks_object)
		problem_hint(problem, "lbctl help %s%s%s", object ? object : "", object ? " " : "",
			     suggested->nearest);
}

int parse_unknown_command(struct call *call, const char *object, const char *word)
{
	struct suggestion suggested = suggestion_of(word);

	for (const struct command *command = call->commands; command->name; command++) {
		if (!object)
			suggestion_offer(&suggested,
					 command->object ? command->object : command->name);
		else if (command_find(call->commands, object, command->name) == command)
			suggestion_offer(&suggested, command->name);
	}
	set_unknown_command(call, object, word, &suggested);
	return EXIT_USAGE;
}

/* On the command, as far as it is known. */
static void add_help_hint(struct call *call)
{
	const struct command *command = call->command;

	problem_hint(&call->problem, "lbctl help");
	if (command)
		problem_hint(&call->problem, "lbctl help %s%s%s",
			     command->object ? command->object : "", command->object ? " " : "",
			     command->name);
}

static int invalid_value(struct call *call, enum flag_id flag, const char *value,
			 const char *expected)
{
	return problem_set(&call->problem, EXIT_INVALID, "invalid-flag", "--%s %s: %s",
			   flag_name(flag), value, expected);
}

static bool is_color_enabled(const char *value)
{
	if (!strcmp(value, "auto"))
		return isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	return !strcmp(value, "always");
}

static bool instance_is_valid(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return name[0] && name[0] != '-' && !name[length] && length < WORD_MAX;
}

/* Those that have no value. */
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
		if (!instance_is_valid(value))
			return invalid_value(call, flag, value,
					     "expected [a-z0-9][a-z0-9-]*, 63 at most");
		return 0;
	case FLAG_IF_GENERATION:
		globals->if_generation = value;
		if (number_parse(value, 0, ~0ULL, &generation))
			return invalid_value(call, flag, value, "expected a number");
		return 0;
	case FLAG_LOCK_TIMEOUT:
		if (duration_parse(value, &globals->lock_timeout_ms))
			return invalid_value(call, flag, value,
					     "expected a duration such as 250ms, 5s, 2m");
		return 0;
	case FLAG_COLOR:
		return set_color(call, value);
	default:
		set_switch(call, flag);
		return 0;
	}
}

static const struct flag *find_flag(const struct flag *flags, const char *name, size_t length)
{
	for (; flags && flags->id; flags++)
		if (strlen(flag_name(flags->id)) == length &&
		    !memcmp(flag_name(flags->id), name, length))
			return flags;
	return NULL;
}

static int unknown_flag(struct call *call, const char *word, size_t length)
{
	struct suggestion suggested;
	char name[WORD_MAX];

	snprintf(name, sizeof(name), "%.*s", (int)length, word);
	suggested = suggestion_of(name);
	for (const struct flag *flag = call->command ? call->command->flags : NULL;
	     flag && flag->id; flag++)
		suggestion_offer(&suggested, flag_name(flag->id));
	for (const struct flag *flag = global_flags; flag->id; flag++)
		suggestion_offer(&suggested, flag_name(flag->id));
	problem_set(&call->problem, EXIT_USAGE, "unknown-flag", "no flag '--%s'%s%s%s", name,
		    suggested.nearest[0] ? "; did you mean '--" : "", suggested.nearest,
		    suggested.nearest[0] ? "'?" : "");
	add_help_hint(call);
	return EXIT_USAGE;
}

static int parse_flag(struct call *call, const char *name, size_t length, const char *value,
		      struct cursor *rest)
{
	const struct flag *command_flags = call->command ? call->command->flags : NULL;
	const struct flag *flag = find_flag(command_flags, name, length);
	const struct flag *global = flag ? NULL : find_flag(global_flags, name, length);
	const struct flag *found = flag ? flag : global;

	if (!found)
		return unknown_flag(call, name, length);
	if (found->value && !value && rest->word < rest->end)
		value = *rest->word++;
	if (!found->value != !value) {
		add_help_hint(call);
		return problem_set(&call->problem, EXIT_USAGE, "bad-flag", "--%s %s",
				   flag_name(found->id),
				   value ? "takes no value" : "needs a value");
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

/* Letters, several in one word: -jq. The last may have a value: -i 5, -i5. */
static int parse_short_flags(struct call *call, const char *word, struct cursor *rest)
{
	static const char *const names[] = {
		['j'] = "json", ['p'] = "pretty",  ['q'] = "quiet",    ['v'] = "verbose",
		['h'] = "help", ['V'] = "version", ['i'] = "interval", ['c'] = "count",
		['f'] = "file", ['o'] = "output",  ['z'] = NULL};
	int error;

	for (; *word; word++) {
		const char *name = (unsigned char)*word < 'z' ? names[(unsigned char)*word] : NULL;
		const char *value = NULL;

		if (!name) {
			add_help_hint(call);
			return problem_set(&call->problem, EXIT_USAGE, "unknown-flag",
					   "no flag '-%c'", *word);
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
 * A word that is a verb and an object as well ("check") is the verb, unless one of the object's
 * verbs comes next.
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
					   "more than %d arguments", COMMAND_ARGUMENTS_MAX);
		call->arguments[call->argument_count++] = word;
		return 0;
	}
	if (!*object && command_is_object(call->commands, word)) {
		*object = word;
		call->command = command_find(call->commands, NULL, word);
		return 0;
	}
	call->command = command_find(call->commands, *object, word);
	return call->command ? 0 : parse_unknown_command(call, *object, word);
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
	problem_set(&call->problem, EXIT_USAGE, "wrong-arguments", "%s",
		    call->argument_count < command->arguments_min ? "arguments missing"
								  : "too many arguments");
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
