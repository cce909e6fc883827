/* SPDX-License-Identifier: GPL-2.0-only */
/* The JSON schema, or the part of it that one command's answers need. */
#ifndef CONFIG_PRINT_SCHEMA_H
#define CONFIG_PRINT_SCHEMA_H

#include "base/output.h"
#include "cli/command.h"

/* `verb` NULL: the whole. JSON in any case. Returns -1 if there is no memory. */
int print_schema(const struct output *out, const struct command *command);

#endif
