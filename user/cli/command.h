/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A command of lbctl, with its arguments and flags, and one call of it. The table of all
 * commands is in commands/commands.c; parsing, help and completion get it with the call.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/output.h"
#include "base/problem.h"
#include "cli/flags.h"

#define COMMAND_ARGUMENTS_MAX 64

struct flag {
	enum flag_id id;
	const char *value; /* what stands for its value in help; NULL = it takes none */
	const char *help;
};

struct globals {
	bool dry_run;
	bool help;
	bool version;
	int verbosity;
	const char *instance;
	const char *if_generation; /* NULL = whichever */
	__u64 lock_timeout_ms;
};

struct command;

/* One run of a verb: what was typed, and the problem if there is one. */
struct call {
	const struct command *commands; /* the table of all commands */
	const struct command *command;
	struct globals globals;
	struct output output; /* by global flags as well */
	const char *arguments[COMMAND_ARGUMENTS_MAX];
	size_t argument_count;
	const char *flags[FLAGS_END]; /* values; "" = given without one, NULL = not given */
	struct problem problem;
};

struct command {
	const char *object; /* "service", "backend", ...; NULL for verbs that stand alone */
	const char *name;
	const char *arguments; /* as in help */
	size_t arguments_min, arguments_max; /* arguments */
	const char *summary;
	const char *example;
	const struct flag *flags; /* ends with FLAG_NONE; NULL = none */
	int (*run)(struct call *call); /* returns the exit code */
};

extern const struct flag global_flags[]; /* ends with FLAG_NONE */

/*
 * The command `object name` of a table, which ends with a NULL name; NULL if there is none.
 * Both may be aliases; object NULL: a command that stands alone.
 */
const struct command *command_find(const struct command *commands, const char *object,
				   const char *name);
bool command_is_object(const struct command *commands, const char *word);

/* The flag's value; "" if it was given without one, NULL if it was not given. */
const char *call_flag(const struct call *call, enum flag_id flag);

/*
 * Reads the flag's value as a whole number from `least` to `most`, if it was given. Returns 0,
 * or the exit code of call->problem, whose id is `id`.
 */
int call_number(struct call *call, enum flag_id flag, const char *id, __u64 arguments_min,
		__u64 arguments_max, __u64 *number);

/* As if it had been given. */
void call_set_flag(struct call *call, enum flag_id flag, const char *value);

/*
 * A call of the command `name`, which stands alone, with the global flags of `parent`; it
 * prints no answer.
 */
struct call call_inner(const struct call *parent, const char *name);

#endif
