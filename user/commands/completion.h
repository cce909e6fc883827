/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Completion: what may come next in a command line, by the command table; services and
 * backends are looked up. Shells ask for it through a few lines of their own.
 */
#ifndef COMMANDS_COMPLETION_H
#define COMMANDS_COMPLETION_H

#include <stddef.h>

/* The lines for "bash", "zsh" or "fish"; NULL for another shell. */
const char *completion_script(const char *shell);

/* Prints what the last of the words, which may be "" or begun, can be; one in a line. */
void completion_print(const char *const *words, size_t count);

/* Prints all verbs, with their objects; one in a line. */
void completion_list_commands(void);

#endif
