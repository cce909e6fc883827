/* SPDX-License-Identifier: GPL-2.0-only */
/* Help, printed from the command table. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

/* Help on the call's command, or on all of them where it has none. Returns the exit code. */
int help_call(const struct call *call);

/* The commands `help` and `version`. */
int cmd_help(struct call *call);
int cmd_version(struct call *call);

#endif
