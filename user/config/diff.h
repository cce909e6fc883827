/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Diff of two configurations as text, setting by setting.
 */
#ifndef CONFIG_DIFF_H
#define CONFIG_DIFF_H

#include "base/address.h"
#include "model/service_settings.h"
#include "store/config_diff.h"

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

/* Calls `fn` for each difference: of services, then of backends. */
void diff_walk(const struct config_diff *config_diff, diff_fn fn, void *owner);

#endif
