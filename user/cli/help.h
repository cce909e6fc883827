/* SPDX-License-Identifier: GPL-2.0-only */
/* Help texts, printed from the command table. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

/* Prints help on the call's command, or the first screen if the call has none. Returns the exit code. */
int help_call(const struct call *call);

/* The commands `help` and `version`. Return the exit code. */
int cmd_help(struct call *call);
int cmd_version(struct call *call);

#endif
