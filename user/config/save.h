/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes configurations as YAML or JSON, such that reading gives the same configuration again.
 * The caller frees the text; NULL = no memory.
 */
#ifndef CONFIG_SAVE_H
#define CONFIG_SAVE_H

#include "config/config_types.h"

struct datapath_interface;
struct store;

/* The configuration of an instance. */
char *config_save(const struct store *store, const struct datapath_interface *interfaces,
		  size_t interface_count, enum yaml_style style);

/* The services of an imported configuration. */
char *config_write(const struct config *config, enum yaml_style style);

#endif
