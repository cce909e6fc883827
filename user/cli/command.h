/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A command of lbctl with its arguments and flags, and one call of it. The table of all
 * commands is in commands/commands.c; parser, help and completion get it with the call.
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
#define COMMAND_NAME_BYTES    64

struct flag {
	enum flag_id id;
	const char *value; /* placeholder of the value in help; NULL = the flag takes no value */
	const char *help; /* imperative, without a full stop */
	const char *default_value; /* as in help; NULL = none */
};

/* Flags under one heading of help. */
struct flag_group {
	const char *title; /* "Traffic"; NULL = no title */
	const struct flag *flags; /* ends with FLAG_NONE */
};

/* Headings of the first help screen. */
enum command_topic {
	TOPIC_OBJECT, /* commands with an object; its name is the heading */
	TOPIC_INSTANCE,
	TOPIC_HEALTH,
	TOPIC_CONFIGURATION,
	TOPIC_MONITORING,
	TOPIC_DIAGNOSIS,
	TOPIC_OTHER,
	TOPIC_COUNT
};

struct globals {
	bool dry_run;
	bool help;
	bool version;
	int verbosity;
	const char *instance;
	const char *if_generation; /* NULL = any */
	__u64 lock_timeout_ms;
};

struct command;

/* One call of a command: what was typed, and the problem if the command fails. */
struct call {
	const struct command *commands; /* the table of all commands */
	const struct command *command; /* NULL = none was named */
	struct globals globals;
	struct output output;
	const char *arguments[COMMAND_ARGUMENTS_MAX];
	size_t argument_count;
	const char *flags[FLAGS_END]; /* values; "" = given without a value, NULL = not given */
	struct problem problem;
};

struct command {
	const char *object; /* "service", "backend", ...; NULL = a command without an object */
	const char *name;
	const char *arguments; /* placeholders, as in help */
	size_t arguments_min, arguments_max;
	const char *summary; /* imperative, without a full stop */
	const char *example;
	const char *page; /* of the documentation */
	enum command_topic topic;
	const struct flag_group *flags; /* ends with a group without flags; NULL = no flags */
	int (*run)(struct call *call); /* returns the exit code */
};

extern const struct flag global_flags[]; /* ends with FLAG_NONE */

/*
 * Finds the command `object name` in a table, which ends with a NULL name. Both may be aliases.
 * object NULL: a command without an object. Returns NULL if there is none.
 */
const struct command *command_find(const struct command *commands, const char *object,
				   const char *name);
bool command_is_object(const struct command *commands, const char *word);

/* Writes "object name", or "name" without an object, and returns the text. */
const char *command_format_name(const struct command *command, char text[COMMAND_NAME_BYTES]);

/* The flag at this index, counted over all groups of the command; NULL beyond the last one. */
const struct flag *command_flag_at(const struct command *command, size_t index);

/*
 * Finds a flag by the first `length` bytes of `name`, among the flags of the command (NULL = no
 * command) or among the global flags. Returns NULL if there is none.
 */
const struct flag *command_find_flag(const struct command *command, const char *name,
				     size_t length);
const struct flag *command_find_global_flag(const char *name, size_t length);

/* The flag's value; "" if it was given without one, NULL if it was not given. */
const char *call_flag(const struct call *call, enum flag_id flag);

/*
 * Reads the flag's value, if it was given, as a whole number from `min` to `max`, or as a
 * duration. Returns 0; or the exit code of call->problem, with this id, and leaves the output
 * untouched.
 */
int call_number(struct call *call, enum flag_id flag, const char *id, __u64 min, __u64 max,
		__u64 *number);
int call_duration(struct call *call, enum flag_id flag, const char *id, __u64 *ms);

/* Sets a flag as if it had been typed. */
void call_set_flag(struct call *call, enum flag_id flag, const char *value);

/*
 * A quiet call of the command `name`, which has no object, with the global flags of `parent`.
 * The caller adds arguments and flags.
 */
struct call call_inner(const struct call *parent, const char *name);

#endif
