/* SPDX-License-Identifier: GPL-2.0-only */
/* The command `top`. Returns the exit code. */
#ifndef TOP_CMD_TOP_H
#define TOP_CMD_TOP_H

struct call;

int cmd_top(struct call *call);

#endif
