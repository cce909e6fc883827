/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Configuration files: a whole instance in YAML (lbctl.yaml(5)). Keys are the names of flags,
 * values are the values of flags, and a missing key means the default of its flag.
 *
 * Reading checks everything that needs no instance; config/apply.h does the rest. A configuration
 * owns its document, so that later problems can still show a position.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdio.h>

#include "base/problem.h"
#include "config/config_types.h"

/* Returns 0, or the exit code of the problem. The caller releases it in either case. */
int config_read(struct config *config, FILE *file, const char *name, struct problem *problem);
void config_release(struct config *config);

/* Adds the position of a node to a problem, and returns its exit code. */
int config_set_position(const struct config *config, struct yaml_node *node,
			struct problem *problem);

/* Does the service have this VIP? */
bool config_has_vip(const struct lb_service_config *service, const __u64 address[2], __be16 port,
		    __u8 protocol);

#endif
