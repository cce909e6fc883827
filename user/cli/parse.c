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
static void say_unknown(struct call *call, const char *object, const char *word,
			struct suggestion *meant)
{
	struct problem *problem = &call->problem;
	bool is_lonely = false; /* a verb, but without its object */
	size_t length;

	problem_set(problem, EXIT_USAGE, "unknown-command", "no command '%s%s%s'%s",
		    object ? object : "", object ? " " : "", word, suggestion_text(meant));
	for (const struct verb *verb = call->verbs; verb->name && !object; verb++) {
		if (!verb->object || verb_find(call->verbs, verb->object, word) != verb)
			continue;
		length = strlen(problem->message);
		if (!is_lonely)
			length = strcspn(problem->message, ";");
		snprintf(problem->message + length, sizeof(problem->message) - length, "%s '%s %s'",
			 is_lonely ? " or" : "; did you mean", verb->object, verb->name);
		is_lonely = true;
	}
	if (is_lonely)
		strcat(problem->message, "?");
	problem_hint(problem, "lbctl help");
	if (meant->nearest[0] && !is_lonely)
		problem_hint(problem, "lbctl help %s%s%s", object ? object : "", object ? " " : "",
			     meant->nearest);
}

int parse_unknown(struct call *call, const char *object, const char *word)
{
	struct suggestion meant = suggestion_of(word);

	for (const struct verb *verb = call->verbs; verb->name; verb++) {
		if (!object)
			suggestion_offer(&meant, verb->object ? verb->object : verb->name);
		else if (verb_find(call->verbs, object, verb->name) == verb)
			suggestion_offer(&meant, verb->name);
	}
	say_unknown(call, object, word, &meant);
	return EXIT_USAGE;
}

/* On the command, as far as it is known. */
static void hint_help(struct call *call)
{
	const struct verb *verb = call->verb;

	problem_hint(&call->problem, "lbctl help");
	if (verb)
		problem_hint(&call->problem, "lbctl help %s%s%s", verb->object ? verb->object : "",
			     verb->object ? " " : "", verb->name);
}

static int bad_value(struct call *call, enum flag_id flag, const char *value, const char *wanted)
{
	return problem_set(&call->problem, EXIT_INVALID, "invalid-flag", "--%s %s: %s",
			   flag_name(flag), value, wanted);
}

static bool color_wanted(const char *value)
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
	call->output.color = color_wanted(value);
	return 0;
}

static int set_global(struct call *call, enum flag_id flag, const char *value)
{
	struct globals *globals = &call->globals;
	__u64 generation;

	switch (flag) {
	case FLAG_INSTANCE:
		globals->instance = value;
		if (!instance_is_valid(value))
			return bad_value(call, flag, value,
					 "expected [a-z0-9][a-z0-9-]*, 63 at most");
		return 0;
	case FLAG_IF_GENERATION:
		globals->if_generation = value;
		if (number_parse(value, 0, ~0ULL, &generation))
			return bad_value(call, flag, value, "expected a number");
		return 0;
	case FLAG_LOCK_TIMEOUT:
		if (duration_parse(value, &globals->lock_timeout_ms))
			return bad_value(call, flag, value,
					 "expected a duration such as 250ms, 5s, 2m");
		return 0;
	case FLAG_COLOR:
		return set_color(call, value);
	default:
		set_switch(call, flag);
		return 0;
	}
}

static const struct flag *flag_find(const struct flag *flags, const char *name, size_t length)
{
	for (; flags && flags->id; flags++)
		if (strlen(flag_name(flags->id)) == length &&
		    !memcmp(flag_name(flags->id), name, length))
			return flags;
	return NULL;
}

static int unknown_flag(struct call *call, const char *word, size_t length)
{
	struct suggestion meant;
	char name[WORD_MAX];

	snprintf(name, sizeof(name), "%.*s", (int)length, word);
	meant = suggestion_of(name);
	for (const struct flag *flag = call->verb ? call->verb->flags : NULL; flag && flag->id;
	     flag++)
		suggestion_offer(&meant, flag_name(flag->id));
	for (const struct flag *flag = global_flags; flag->id; flag++)
		suggestion_offer(&meant, flag_name(flag->id));
	problem_set(&call->problem, EXIT_USAGE, "unknown-flag", "no flag '--%s'%s%s%s", name,
		    meant.nearest[0] ? "; did you mean '--" : "", meant.nearest,
		    meant.nearest[0] ? "'?" : "");
	hint_help(call);
	return EXIT_USAGE;
}

static int take_flag(struct call *call, const char *name, size_t length, const char *value,
		     struct cursor *rest)
{
	const struct flag *own = call->verb ? call->verb->flags : NULL;
	const struct flag *flag = flag_find(own, name, length);
	const struct flag *global = flag ? NULL : flag_find(global_flags, name, length);
	const struct flag *known = flag ? flag : global;

	if (!known)
		return unknown_flag(call, name, length);
	if (known->value && !value && rest->word < rest->end)
		value = *rest->word++;
	if (!known->value != !value) {
		hint_help(call);
		return problem_set(&call->problem, EXIT_USAGE, "bad-flag", "--%s %s",
				   flag_name(known->id),
				   value ? "takes no value" : "needs a value");
	}
	if (global)
		return set_global(call, global->id, value);
	call_set_flag(call, flag->id, value ? value : "");
	return 0;
}

static int take_long(struct call *call, const char *word, struct cursor *rest)
{
	const char *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);

	return take_flag(call, word, length, equals ? equals + 1 : NULL, rest);
}

/* Letters, several in one word: -jq. The last may have a value: -i 5, -i5. */
static int take_letters(struct call *call, const char *word, struct cursor *rest)
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
			hint_help(call);
			return problem_set(&call->problem, EXIT_USAGE, "unknown-flag",
					   "no flag '-%c'", *word);
		}
		if (strchr("icfo", *word) && word[1])
			value = word + 1;
		error = take_flag(call, name, strlen(name), value, rest);
		if (error || value)
			return error;
	}
	return 0;
}

/*
 * A word that is a verb and an object as well ("check") is the verb, unless one of the object's
 * verbs comes next.
 */
static const struct verb *refine(const struct call *call, const char *word)
{
	if (call->verb->object || call->argument_count)
		return NULL;
	for (enum flag_id flag = 0; flag < FLAGS_END; flag++)
		if (call->flags[flag])
			return NULL;
	return verb_find(call->verbs, call->verb->name, word);
}

static int take_word(struct call *call, const char *word, const char **object)
{
	const struct verb *refined = call->verb ? refine(call, word) : NULL;

	if (refined) {
		call->verb = refined;
		return 0;
	}
	if (call->verb) {
		if (call->argument_count == VERB_ARGUMENTS_MAX)
			return problem_set(&call->problem, EXIT_USAGE, "too-many-arguments",
					   "more than %d arguments", VERB_ARGUMENTS_MAX);
		call->arguments[call->argument_count++] = word;
		return 0;
	}
	if (!*object && verb_is_object(call->verbs, word)) {
		*object = word;
		call->verb = verb_find(call->verbs, NULL, word);
		return 0;
	}
	call->verb = verb_find(call->verbs, *object, word);
	return call->verb ? 0 : parse_unknown(call, *object, word);
}

static bool is_number(const char *word)
{
	return word[0] == '-' && word[1] >= '0' && word[1] <= '9';
}

static int check_arguments(struct call *call, const char *object)
{
	const struct verb *verb = call->verb;

	if (call->globals.help || call->globals.version)
		return 0;
	if (!verb) {
		problem_set(&call->problem, EXIT_USAGE, "no-command", "%s%sno command given",
			    object ? object : "", object ? ": " : "");
		problem_hint(&call->problem, "lbctl help%s%s", object ? " " : "",
			     object ? object : "");
		return EXIT_USAGE;
	}
	if (call->argument_count >= verb->least && call->argument_count <= verb->most)
		return 0;
	problem_set(&call->problem, EXIT_USAGE, "wrong-arguments", "%s",
		    call->argument_count < verb->least ? "arguments missing"
						       : "too many arguments");
	hint_help(call);
	return EXIT_USAGE;
}

int parse_call(struct call *call, int argc, char **argv)
{
	struct cursor rest = {argv + 1, argv + argc};
	const char *object = NULL;
	bool flags_end = false;
	int error = 0;

	while (!error && rest.word < rest.end) {
		const char *word = *rest.word++;

		if (flags_end || word[0] != '-' || !word[1] || is_number(word))
			error = take_word(call, word, &object);
		else if (!strcmp(word, "--"))
			flags_end = true;
		else if (word[1] == '-')
			error = take_long(call, word + 2, &rest);
		else
			error = take_letters(call, word + 1, &rest);
	}
	return error ? error : check_arguments(call, object);
}
