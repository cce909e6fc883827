/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences: what a writer's copy of the configuration makes different from what
 * holds, one setting after the other, in words.
 */
#ifndef CONFIG_DIFF_H
#define CONFIG_DIFF_H

#include "base/address.h"
#include "model/service_settings.h"
#include "store/store.h"

enum diff_kind {
	DIFF_ADDED,
	DIFF_REMOVED,
	DIFF_SET,
};

struct diff {
	enum diff_kind kind;
	const char *interface; /* NULL, or all that is told beside the kind */
	const char *service; /* its name */
	char backend[ENDPOINT_TEXT_BYTES]; /* "" = it is the service that differs */
	const char *setting; /* NULL = the whole is added or removed */
	char from[SETTING_TEXT_BYTES];
	char to[SETTING_TEXT_BYTES];
};

typedef void (*diff_fn)(void *owner, const struct diff *diff);

/* Tells them all: services, then backends. How many. */
size_t diff_walk(const struct store *store, diff_fn fn, void *owner);

#endif
