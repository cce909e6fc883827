/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Configuration files: a whole instance in YAML (lbctl.yaml(5)). Keys are the flags'
 * names, values are what flags take, and what is left out is as the flag's default.
 *
 * Reading checks all that can be known without an instance; config/apply.h does the rest. A
 * configuration that was read owns its document, so that problems found later can still
 * be pointed at.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/problem.h"
#include "config/yaml.h"
#include "lb/abi.h"

struct reader;
struct store;
struct datapath_interface;

/* Flags of attach that take a number, in the order of `limits`. */
#define CONFIG_LIMITS 5
extern const char *const config_limits[CONFIG_LIMITS + 1]; /* ends with NULL */

/* As many as `attach` takes. */
#define CONFIG_INTERFACES_MAX 64

struct config_interface {
	char name[IF_NAMESIZE];
	char mode[8]; /* "auto", "native", "generic" */
	struct yaml_node *node;
};

struct config_backend {
	struct lb_backend_config settings;
	bool has_runtime; /* it tells what was said since as well: state and override */
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
	const char *limits[CONFIG_LIMITS]; /* NULL = not said */
	const char *hash_key; /* path; NULL = not said */
	struct config_service *services;
	size_t service_count;
};

struct lb_control;

/* What an instance was attached with, in the order of config_limits. */
__u64 config_limit(const struct lb_control *control, size_t limit);

/* 0, or the code of the problem. The caller releases it in either case. */
int config_read(struct config *config, FILE *file, const char *name, struct problem *problem);
void config_release(struct config *config);

/* Adds the place of a node to a problem that was found there. Returns its code. */
int config_set_position(const struct config *config, struct yaml_node *node,
			struct problem *problem);

/* The list of a service's backends; in a file of its own. */
int config_read_backends(const struct reader *reader, struct yaml_node *list,
			 struct config_service *service);

/*
 * An instance's configuration in words, as YAML or JSON, that read and applied give it
 * again; the caller frees it. NULL without memory.
 */
char *config_save(const struct store *store, const struct datapath_interface *interfaces,
		  size_t interface_count, enum yaml_style style);

/* The services of a configuration that did not come from such a file, in the same way. */
char *config_write(const struct config *config, enum yaml_style style);

#endif
