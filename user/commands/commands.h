/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of all commands. */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

#include "cli/command.h"

extern const struct command commands[]; /* ends with a NULL name */

#endif
