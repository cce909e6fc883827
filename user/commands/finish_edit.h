/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of commands that edit the configuration.
 */
#ifndef COMMANDS_FINISH_EDIT_H
#define COMMANDS_FINISH_EDIT_H

#include "cli/command.h"
#include "store/store.h"

/*
 * Commits the working copy, unless `code` shows that the edit failed. Closes the store, and
 * prints whether the configuration changed. Returns the exit code.
 */
int finish_edit(struct call *call, struct store *store, int code);

#endif
