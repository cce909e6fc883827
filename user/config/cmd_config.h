/* SPDX-License-Identifier: GPL-2.0-only */
/* What commands on configuration files share. */
#ifndef CONFIG_CMD_CONFIG_H
#define CONFIG_CMD_CONFIG_H

#include "cli/command.h"
#include "config/config.h"
#include "datapath/attach.h"
#include "store/store.h"

/* Reads --file. Returns 0, or the exit code of call->problem. The caller releases the config. */
int cmd_config_read(struct call *call, struct config *config);

/* The attached interface with the name and mode of the file; NULL = not attached so. */
const struct datapath_interface *cmd_config_find_attached(
	const struct datapath_interface *interfaces, size_t count,
	const struct config_interface *wanted);

/* The style of a file that is printed as the answer. */
enum yaml_style cmd_config_style(const struct call *call);

/* The instance's configuration as text, which the caller frees; NULL = call->problem is set. */
char *cmd_config_save(struct call *call, const struct store *store, enum yaml_style style);

#endif
