/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the commands on configuration files have in common.
 */
#ifndef CONFIG_CMD_CONFIG_H
#define CONFIG_CMD_CONFIG_H

#include "cli/command.h"
#include "config/config.h"
#include "datapath/attach.h"

/* The configuration that --file names. Its code; to be released in either case. */
int cmd_config_read(struct call *call, struct config *config);

/* Is an interface attached as the file wants it? NULL = no. */
const struct datapath_interface *cmd_config_find_attached(
	const struct datapath_interface *interfaces, size_t count,
	const struct config_interface *wanted);

/* In which a call's answer that is a file is written. */
enum yaml_style cmd_config_style(const struct call *call);

/* The instance's configuration as a file, which the caller frees; NULL, and the problem. */
char *cmd_config_save(struct call *call, const struct store *store, enum yaml_style style);

#endif
