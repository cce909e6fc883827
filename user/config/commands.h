/* SPDX-License-Identifier: GPL-2.0-only */
/* The functions of the commands in this folder. Each returns the exit code. */
#ifndef CONFIG_COMMANDS_H
#define CONFIG_COMMANDS_H

struct call;

int cmd_apply(struct call *call);
int cmd_confirm(struct call *call);
int cmd_diff(struct call *call);
int cmd_validate(struct call *call);
int cmd_save(struct call *call);
int cmd_import(struct call *call);
int cmd_schema(struct call *call);

#endif
