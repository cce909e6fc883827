/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Applies a configuration file to the working copy of the store, without a commit. Run-time states
 * and weights of backends stay, unless the file has them or they are reset. Unchanged services
 * and backends keep their id, flows and counters.
 */
#ifndef CONFIG_APPLY_H
#define CONFIG_APPLY_H

#include "config/config_types.h"
#include "store/store.h"

struct apply {
	const struct config *config;
	bool prune; /* delete services and backends that the file does not have */
	bool reset_runtime; /* discard run-time states and weights */
	bool force; /* delete despite active flows */
};

/*
 * Returns 0, or the exit code of the problem that it records; the working copy is then invalid,
 * and must not be committed.
 */
int apply_to_store(const struct apply *apply, struct store *store, struct problem *problem);

#endif
