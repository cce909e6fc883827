/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shell completion: the words that may come next in a command line, from the command table and,
 * for services and backends, from the instance. A short script per shell calls it.
 */
#ifndef COMMANDS_COMPLETION_H
#define COMMANDS_COMPLETION_H

#include <stddef.h>

struct command;

/* The script for "bash", "zsh" or "fish"; NULL for another shell. */
const char *completion_script(const char *shell);

/* Prints the completions of the last word, which may be "" or incomplete; one per line. */
void completion_print(const struct command *commands, const char *const *words, size_t count);

/* Prints all commands with their objects, one per line. */
void completion_list_commands(const struct command *commands);

#endif
