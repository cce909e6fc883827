/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Imports: what other load balancers on IPVS are configured with, in our terms.
 *
 * A file is read into a configuration as config/config.h has it. What cannot be read is a problem
 * with its place; what can be read but has no equivalent here is noted, and left out. An
 * import owns the texts of all its files, since places point into them.
 */
#ifndef CONFIG_IMPORT_IMPORT_H
#define CONFIG_IMPORT_IMPORT_H

#include "base/address.h"
#include "config/config.h"

/* More files than that are not included. */
#define IMPORT_FILES_MAX 256

struct import_file {
	char *name;
	char *text;
};

/* Where something stands. */
struct import_position {
	const struct import_file *file;
	const char *at;
};

struct import {
	struct config config;
	struct import_file files[IMPORT_FILES_MAX];
	size_t file_count;
	char **warnings; /* FILE:LINE:COL: warning: what has no equivalent */
	size_t warning_count;
	struct problem *problem;
	/* Adds the files that are meant by `pattern` in the file of `place`; NULL = none can be. */
	int (*include)(struct import *import, const struct import_position *position,
		       const char *pattern);
};

/* Takes a file in, whose text it owns from then on. 0 or the code of the problem. */
int import_add_file(struct import *import, const char *name, char *text);
void import_release(struct import *import);

/* The two formats: 0 or the code of the problem. They begin with the first file. */
int import_ipvsadm(struct import *import);
int import_keepalived(struct import *import);

/* The configuration in words, with the notes as comments unless it is JSON; NULL without memory. */
char *import_save(const struct import *import, enum yaml_style style);

/* What both formats have in common follows. A problem at a place; returns its code. */
int import_error(struct import *import, const struct import_position *position, const char *format,
		 ...) __attribute__((format(printf, 3, 4)));

/* Something that has no equivalent. 0, or the code of the problem of having no memory. */
int import_warn(struct import *import, const struct import_position *position, const char *format,
		...) __attribute__((format(printf, 3, 4)));

/* Numbers: no more than `most`. */
int import_number(struct import *import, const struct import_position *position, const char *text,
		  __u32 max, __u32 *number);

/* A service at a VIP, which it is named after; NULL, and the problem, if it cannot be. */
struct config_service *import_add_service(struct import *import,
					  const struct import_position *position,
					  const struct endpoint *vip);

/* The one at a VIP; NULL = there is none. */
struct config_service *import_find_service(struct import *import, const struct endpoint *vip);

/* A backend, with what a service of its kind can reach; *backend is NULL where it is left out. */
int import_add_backend(struct import *import, const struct import_position *position,
		       struct config_service *service, const struct endpoint *endpoint,
		       struct config_backend **backend);

/* Settings by IPVS's names for them. */
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

/* Whatever is left that does not go together is noted and left out. */
int import_drop_conflicts(struct import *import, const struct import_position *position,
			  struct config_service *service);

#endif
