/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answers that commands share, as text or JSON. Answers go to standard output, problems and
 * warnings to standard error.
 */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include "cli/command.h"

/* Prints call->problem. */
void answer_problem(const struct call *call);

/* `hint` is a command; NULL = none. */
void answer_warning(const struct call *call, const char *id, const char *message, const char *hint);

/* The message begins with the position in a file: FILE:LINE:COL. */
void answer_file_warning(const struct call *call, const char *id, const char *message);

/* Prints "changed" or "unchanged". */
void answer_changed(const struct call *call, bool changed);
void answer_version(const struct call *call, const char *version, __u32 abi);

#endif
