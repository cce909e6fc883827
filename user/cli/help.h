/* SPDX-License-Identifier: GPL-2.0-only */
/* Help, printed from the command table. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

/* On one verb, or on all of them for NULL. Returns the exit code. */
int help_on(const struct verb *verb);

#endif
