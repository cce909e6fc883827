/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parser of the command line, driven by the command table: GNU long flags anywhere after the
 * command word, without abbreviations, and letters for the most used flags.
 */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "cli/command.h"

/*
 * Fills `call` from the words. Returns 0, or the exit code of call->problem. call->command stays
 * NULL if no command was named (plain --help, --version).
 */
int parse_call(struct call *call, int argc, char **argv);

/*
 * Finds the command that is named by one or two words; `second` may be NULL. Returns NULL, and
 * call->problem is set, if there is none.
 */
const struct command *parse_command_words(struct call *call, const char *first, const char *second);

#endif
