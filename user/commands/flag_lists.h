/* SPDX-License-Identifier: GPL-2.0-only */
/* Flags of all commands, for the table in commands.c. Each ends with a group without flags. */
#ifndef COMMANDS_FLAG_LISTS_H
#define COMMANDS_FLAG_LISTS_H

#include "cli/command.h"

extern const struct flag_group attach_flags[], detach_flags[], decap_flags[];
extern const struct flag_group service_add_flags[], service_set_flags[], del_flags[];
extern const struct flag_group backend_add_flags[], drain_flags[], maint_flags[];
extern const struct flag_group flow_list_flags[], flow_count_flags[], flow_flush_flags[];
extern const struct flag_group run_flags[], check_probe_flags[], wait_flags[];
extern const struct flag_group file_flags[], apply_flags[], save_flags[], import_flags[];
extern const struct flag_group status_flags[], stats_flags[], top_flags[], events_flags[];
extern const struct flag_group metrics_flags[], explain_flags[], trace_flags[];

#endif
