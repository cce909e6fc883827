/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The answers that commands have in common, as text or JSON: data on standard output,
 * problems and warnings on standard error.
 */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include "cli/command.h"

/* call->problem. */
void answer_problem(const struct call *call);

/* Worth knowing beside the answer; `hint` is a command, or NULL. */
void answer_warning(const struct call *call, const char *id, const char *message, const char *hint);

/* A warning about a place in a file, with which the message begins. */
void answer_remark(const struct call *call, const char *id, const char *message);

void answer_changed(const struct call *call, bool changed);
void answer_version(const struct call *call, const char *version, __u32 abi);

#endif
