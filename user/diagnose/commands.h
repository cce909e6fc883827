/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands that diagnose. Each returns the exit code. */
#ifndef DIAGNOSE_COMMANDS_H
#define DIAGNOSE_COMMANDS_H

struct call;

int explain_run(struct call *call);
int trace_run(struct call *call);
int doctor_run(struct call *call);

#endif
