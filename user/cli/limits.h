/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits of an instance. They are set when the instance is created and cannot change. The name of
 * the flag of `attach` is also the key in configuration files.
 */
#ifndef CLI_LIMITS_H
#define CLI_LIMITS_H

#include "cli/flags.h"
#include "datapath/instance.h"
#include "lb/abi.h"

enum limit {
	LIMIT_SERVICES,
	LIMIT_BACKENDS,
	LIMIT_FLOWS,
	LIMIT_SOURCES,
	LIMIT_CLIENTS,
	LIMIT_COUNT
};

enum flag_id limit_flag(enum limit limit);

/* The largest value that is accepted; the smallest is 1. */
__u32 limit_max(enum limit limit);

/* Rounds a value up as the creation of an instance does: tables have whole buckets. */
__u32 limit_round_up(enum limit limit, __u32 value);

__u32 limit_get(const struct datapath_limits *limits, enum limit limit);
void limit_set(struct datapath_limits *limits, enum limit limit, __u32 value);

/* The default limits; the hash key is 0. */
struct datapath_limits limits_default(void);

/* The limits and the hash key of an existing instance. */
struct datapath_limits limits_of(const struct lb_control *control);

#endif
