/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of all commands, and those of them that are implemented in this folder. */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

#include "cli/command.h"

extern const struct verb verbs[]; /* ends with a NULL name */

/* Each returns the exit code. */
int attach_run(struct call *call);
int detach_run(struct call *call);
int upgrade_run(struct call *call);
int decap_run(struct call *call);
int service_add_run(struct call *call);
int service_set_run(struct call *call);
int service_del_run(struct call *call);
int service_list_run(struct call *call);
int service_show_run(struct call *call);
int backend_add_run(struct call *call);
int backend_weight_run(struct call *call);
int backend_drain_run(struct call *call);
int backend_ready_run(struct call *call);
int backend_maint_run(struct call *call);
int backend_del_run(struct call *call);
int backend_list_run(struct call *call);
int backend_show_run(struct call *call);
int metrics_run(struct call *call);
int completion_run(struct call *call);
int flow_list_run(struct call *call);
int flow_count_run(struct call *call);
int flow_flush_run(struct call *call);
int run_run(struct call *call);
int check_run(struct call *call);
int check_probe_run(struct call *call);
int events_run(struct call *call);
int wait_run(struct call *call);
int status_run(struct call *call);
int stats_run(struct call *call);

#endif
