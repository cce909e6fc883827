/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints the result of one probe, with its times. */
#ifndef COMMANDS_PRINT_PROBE_H
#define COMMANDS_PRINT_PROBE_H

#include "base/output.h"
#include "probe/engine.h"

/* `target` is the argument of the command. */
void print_probe(const struct output *out, const struct check *check, const char *target,
		 const struct probe_report *report);

#endif
