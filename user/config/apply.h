/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Applying: a configuration that was read, made of a writer's copy; nothing is committed
 * here. What operators said of a backend since (states, weights) stays, unless the file
 * tells of it or it is to be dropped; what stays as it is keeps its id, flows and counters.
 */
#ifndef CONFIG_APPLY_H
#define CONFIG_APPLY_H

#include "config/config.h"
#include "store/store.h"

struct apply {
	const struct config *config;
	bool prune; /* what the file does not have goes */
	bool reset_runtime;
	bool force; /* even where flows are alive */
};

/* 0, or the code of the problem that it records; the copy is then of no use. */
int apply_to_store(const struct apply *apply, struct store *store, struct problem *problem);

#endif
