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

static const char *dealias(const struct alias *aliases, size_t count, const char *word)
{
	for (size_t i = 0; word && i < count; i++)
		if (!strcmp(aliases[i].alias, word))
			return aliases[i].word;
	return word;
}

static const char *dealias_object(const char *word)
{
	static const struct alias aliases[] = {{"svc", "service"}, {"be", "backend"}};

	return dealias(aliases, 2, word);
}

static const char *dealias_name(const char *word)
{
	static const struct alias aliases[] = {{"ls", "list"}, {"rm", "del"}};

	return dealias(aliases, 2, word);
}

const struct verb *verb_find(const struct verb *verbs, const char *object, const char *name)
{
	object = dealias_object(object);
	name = dealias_name(name);
	for (const struct verb *verb = verbs; verb->name; verb++) {
		if (!object != !verb->object || strcmp(verb->name, name))
			continue;
		if (!object || !strcmp(verb->object, object))
			return verb;
	}
	return NULL;
}

bool verb_is_object(const struct verb *verbs, const char *word)
{
	word = dealias_object(word);
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (verb->object && !strcmp(verb->object, word))
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

int call_number(struct call *call, enum flag_id flag, const char *id, __u64 least, __u64 most,
		__u64 *number)
{
	const char *text = call_flag(call, flag);

	if (!text || !number_parse(text, least, most, number))
		return 0;
	return problem_set(&call->problem, EXIT_INVALID, id, "--%s %s: expected a whole number from %llu to %llu",
			   flag_name(flag), text, least, most);
}

struct call call_inner(const struct call *parent, const char *name)
{
	struct call call = {
		.verbs = parent->verbs,
		.verb = verb_find(parent->verbs, NULL, name),
		.globals = parent->globals,
		.output = parent->output,
	};

	call.output.quiet = true;
	return call;
}
