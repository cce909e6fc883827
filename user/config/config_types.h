/* SPDX-License-Identifier: GPL-2.0-only */
/* The contents of a configuration file. */
#ifndef CONFIG_CONFIG_TYPES_H
#define CONFIG_CONFIG_TYPES_H

#include <net/if.h>
#include <stdbool.h>

#include "cli/limits.h"
#include "config/yaml.h"
#include "lb/abi.h"

/* As many as `attach` takes. */
#define CONFIG_INTERFACES_MAX 64

struct config_interface {
	char name[IF_NAMESIZE];
	char mode[8]; /* "auto", "native", "generic" */
	struct yaml_node *node;
};

struct config_backend {
	struct lb_backend_config settings;
	bool has_runtime; /* the file also has the run-time state and weight */
	struct yaml_node *node;
};

struct config_service {
	struct lb_service_config settings;
	struct config_backend *backends;
	size_t backend_count;
	struct yaml_node *node;
};

struct config {
	struct yaml *yaml;
	struct config_interface *interfaces;
	size_t interface_count;
	__u32 limits[LIMIT_COUNT]; /* 0 = not in the file */
	const char *hash_key; /* path; NULL = not in the file */
	struct config_service *services;
	size_t service_count;
};

#endif
