/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands on configuration files. Each returns the exit code. */
#ifndef CONFIG_COMMANDS_H
#define CONFIG_COMMANDS_H

struct call;

int apply_run(struct call *call);
int confirm_run(struct call *call);
int diff_run(struct call *call);
int validate_run(struct call *call);
int save_run(struct call *call);
int import_run(struct call *call);
int schema_run(struct call *call);

#endif
