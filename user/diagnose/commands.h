/* SPDX-License-Identifier: GPL-2.0-only */
/* Diagnostic commands. Each returns its exit code. */
#ifndef DIAGNOSE_COMMANDS_H
#define DIAGNOSE_COMMANDS_H

struct call;

int cmd_explain(struct call *call);
int cmd_trace(struct call *call);
int cmd_doctor(struct call *call);

#endif
