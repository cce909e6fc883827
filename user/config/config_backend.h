/* SPDX-License-Identifier: GPL-2.0-only */
/* Backends in a configuration file. */
#ifndef CONFIG_CONFIG_BACKEND_H
#define CONFIG_CONFIG_BACKEND_H

#include "config/config_types.h"
#include "config/reader.h"

/* Reads the list of a service's backends. Returns 0, or the exit code of the problem. */
int config_read_backends(const struct reader *reader, struct yaml_node *list,
			 struct config_service *service);

/* Orders backends by address and port; 0 = both are equal. */
int config_compare_backends(const struct lb_backend_config *a, const struct lb_backend_config *b);

#endif
