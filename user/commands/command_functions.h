/* SPDX-License-Identifier: GPL-2.0-only */
/* The functions of the commands in this folder. Each returns the exit code. */
#ifndef COMMANDS_COMMAND_FUNCTIONS_H
#define COMMANDS_COMMAND_FUNCTIONS_H

struct call;

int cmd_attach(struct call *call);
int cmd_detach(struct call *call);
int cmd_upgrade(struct call *call);
int cmd_decap(struct call *call);
int cmd_service_add(struct call *call);
int cmd_service_set(struct call *call);
int cmd_service_del(struct call *call);
int cmd_service_list(struct call *call);
int cmd_service_show(struct call *call);
int cmd_backend_add(struct call *call);
int cmd_backend_weight(struct call *call);
int cmd_backend_drain(struct call *call);
int cmd_backend_ready(struct call *call);
int cmd_backend_maint(struct call *call);
int cmd_backend_del(struct call *call);
int cmd_backend_list(struct call *call);
int cmd_backend_show(struct call *call);
int cmd_metrics(struct call *call);
int cmd_completion(struct call *call);
int cmd_flow_list(struct call *call);
int cmd_flow_count(struct call *call);
int cmd_flow_flush(struct call *call);
int cmd_run(struct call *call);
int cmd_check(struct call *call);
int cmd_check_probe(struct call *call);
int cmd_events(struct call *call);
int cmd_wait(struct call *call);
int cmd_status(struct call *call);
int cmd_stats(struct call *call);

#endif
