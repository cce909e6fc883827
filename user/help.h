/* SPDX-License-Identifier: GPL-2.0-only */
/* Help, printed from the command table. */
#ifndef HELP_H
#define HELP_H

#include "verb.h"

/* On one verb, or on all of them for NULL. Returns the exit code. */
int help_on(const struct verb *verb);

#endif
