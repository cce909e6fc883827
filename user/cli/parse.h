/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line, read by the command table: GNU long flags, anywhere behind
 * the command word, no abbreviations; single letters for the most used.
 */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "cli/command.h"

/*
 * Fills `call` from the words. Returns 0, or the exit code of call->problem.
 * call->verb stays NULL where no command was named (plain --help, --version).
 */
int parse_call(struct call *call, int argc, char **argv);

/* No such command (`object` NULL: not even the first word); says what may be meant. */
int parse_unknown_command(struct call *call, const char *object, const char *word);

#endif
