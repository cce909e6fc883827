/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints the JSON schema, or the part of it that describes one command's answer. */
#ifndef CONFIG_PRINT_SCHEMA_H
#define CONFIG_PRINT_SCHEMA_H

#include "base/output.h"
#include "cli/command.h"

/* `command` NULL: the whole schema. Prints JSON in any case. Returns 0, or -1 without memory. */
int print_schema(const struct output *out, const struct command *command);

#endif
