/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Import of configurations of other load balancers on IPVS.
 *
 * The result is a configuration as of config/config.h. A file that cannot be parsed is a problem
 * with a position. A feature without an equivalent is a warning, and is omitted. An import owns
 * the texts of all its files, because positions point into them.
 *
 * Functions return 0, or the exit code of the problem that they record.
 */
#ifndef CONFIG_IMPORT_IMPORT_H
#define CONFIG_IMPORT_IMPORT_H

#include "base/address.h"
#include "base/problem.h"
#include "config/config_types.h"

/* Included files, the first one too. */
#define IMPORT_FILES_MAX 256

struct import_file {
	char *name;
	char *text;
};

/* A position in a file. */
struct import_position {
	const struct import_file *file;
	const char *at;
};

struct import {
	struct config config;
	struct import_file files[IMPORT_FILES_MAX];
	size_t file_count;
	char **warnings; /* FILE:LINE:COL: warning: TEXT */
	size_t warning_count;
	struct problem *problem;
	/* Adds the files of an include statement; NULL = include is not supported. */
	int (*include)(struct import *import, const struct import_position *position,
		       const char *pattern);
};

/* Adds a file. The import owns the text then, also on failure. */
int import_add_file(struct import *import, const char *name, char *text);
void import_release(struct import *import);

/* Parsers of the two formats. They begin with the first file. */
int import_ipvsadm(struct import *import);
int import_keepalived(struct import *import);

/* The configuration as text, in YAML with the warnings as comments; NULL = no memory. */
char *import_save(const struct import *import, enum yaml_style style);

/* What both formats share follows. Records a problem at a position, and returns its code. */
int import_error(struct import *import, const struct import_position *position, const char *format,
		 ...) __attribute__((format(printf, 3, 4)));

/* Adds a warning. Fails only without memory. */
int import_warn(struct import *import, const struct import_position *position, const char *format,
		...) __attribute__((format(printf, 3, 4)));

/* Parses a whole number from 0 to `max`. */
int import_number(struct import *import, const struct import_position *position, const char *text,
		  __u32 max, __u32 *number);

/* Adds a service with a name made from the VIP. Returns NULL on failure. */
struct config_service *import_add_service(struct import *import,
					  const struct import_position *position,
					  const struct endpoint *vip);

/* The service with this VIP; NULL = none. */
struct config_service *import_find_service(struct import *import, const struct endpoint *vip);

/* Adds a backend. *backend is NULL if it is omitted with a warning. */
int import_add_backend(struct import *import, const struct import_position *position,
		       struct config_service *service, const struct endpoint *endpoint,
		       struct config_backend **backend);

/* Convert settings of IPVS. */
int import_scheduler(struct import *import, const struct import_position *position,
		     const char *name, bool hash_ports, struct lb_service_config *settings);
int import_persist(struct import *import, const struct import_position *position, __u32 seconds,
		   struct lb_service_config *settings);
int import_mask(struct import *import, const struct import_position *position, const char *text,
		struct lb_service_config *settings);
int import_weight(struct import *import, const struct import_position *position, const char *text,
		  struct lb_backend_config *settings);
int import_tunnel(struct import *import, const struct import_position *position, const char *type,
		  __u8 *forward);

/* Resets settings that exclude each other, with a warning. */
int import_drop_conflicts(struct import *import, const struct import_position *position,
			  struct config_service *service);

#endif
